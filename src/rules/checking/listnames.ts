/**
 * Words that look like the name of a list and are none. Falco inserts lists as text and takes every other word as a value,
 * so it accepts a misspelt list: the rule just doesn't match. Quoted words are never reported.
 */

import { type Check, type Condition, checks, type Word } from '../conditions/condition.ts';
import type { Resolver } from '../conditions/resolve.ts';
import { Nearest } from '../names/nearest.ts';
import { quote } from '../reading/problem.ts';
import type { Text } from '../reading/text.ts';

const LIST_LIKE = /^[a-zA-Z][a-zA-Z0-9]*_\w*(?:s|list)$/;

export function findUnknownLists(resolver: Resolver): void {
  const { definitions } = resolver;
  const names = [...definitions.lists.keys()].filter((name) => name.includes('_') && name.length >= 6);
  const lists = new Nearest(names);
  const nearest = (word: string) => (word.includes('_') && word.length >= 5 ? lists.find(word) : undefined);
  const look = (text: Text, check: Check, word: Word, alone: boolean): void => {
    if (word.quoted || resolver.list(word.text)) return;
    const near = nearest(word.text);
    const sure = near !== undefined || alone;
    if (near === undefined && !LIST_LIKE.test(word.text)) return;
    if (check.left.kind === 'field' && /^(?:evt|syscall)\.type$/.test(check.left.name)) return;
    definitions.lints[sure ? 'error' : 'warning'](
      'RULES_UNKNOWN_LIST',
      text.place(word.at),
      `no list ${quote(word.text)} is defined, so Falco takes it as a plain value`,
      near === undefined
        ? 'Define the list, or put the value into quotes if it is one.'
        : `Is ${quote(near)} meant? If not, put the value into quotes.`,
    );
  };
  const lookAll = (condition: Condition | undefined, text: Text | undefined): void => {
    for (const check of checks(condition)) {
      if (check.right.kind === 'word') checkSingle(resolver, text!, check.right.word);
      if (check.right.kind !== 'list') continue;
      const { words, parentheses } = check.right;
      if (!parentheses) checkBare(resolver, text!, words[0]!);
      else for (const word of words) look(text!, check, word, words.length === 1);
    }
  };
  for (const macro of definitions.macros.values()) lookAll(resolver.macro(macro.name), macro.condition);
  for (const rule of definitions.rules.values()) lookAll(resolver.rule(rule.name), rule.condition);
}

/** `in name` without parentheses: the list's items take the name's place, and then only one can stand there. */
function checkBare(resolver: Resolver, text: Text, word: Word): void {
  const list = resolver.list(word.text);
  if (list?.length === 1) return;
  resolver.definitions.lints.error(
    list ? 'RULES_CONDITION' : 'RULES_UNKNOWN_LIST',
    text.place(word.at),
    list ? `the list ${quote(word.text)} needs parentheses here` : `no list ${quote(word.text)} is defined`,
    `Write (${list ? word.text : '…'}).`,
  );
}

/** `= name` of a list: likewise. */
function checkSingle(resolver: Resolver, text: Text, word: Word): void {
  const list = word.quoted ? undefined : resolver.list(word.text);
  if (!list || list.length === 1) return;
  resolver.definitions.lints.error(
    'RULES_CONDITION',
    text.place(word.at),
    `the list ${quote(word.text)} stands where Falco expects one value`,
    `Write in (${word.text}), or put the word into quotes if it is a value.`,
  );
}
