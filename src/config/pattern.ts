/**
 * Regular expressions that match any text in linear time. Attackers choose the names of containers, and a pattern such as
 * `(a+)+b` would block the process for a name of forty characters. The syntax is JavaScript's, without what can't be
 * matched in linear time: look-around and back-references.
 */
import re2 from './re2.cjs';

/** What says yes or no to a text; a RegExp is one, too. */
export interface Pattern {
  test(text: string): boolean;
}

/** RE2's own names for what JavaScript writes with a property's name before it. */
const PROPERTY = /\\([pP])\{(?:General_Category|gc|Script|sc)=(\w+)\}/g;
const REASON = 'patterns are those of RE2, which match in linear time';

/**
 * A pattern that must match the whole of a text.
 * @throws Error whose message says what is wrong with it
 */
export function linearPattern(source: string): Pattern {
  // What JavaScript refuses was refused before RE2 came, and may mean something else there.
  new RegExp(`^(?:${source})$`, 'u');
  // RE2's translation would take it as a plain k.
  const reference = [...source.matchAll(/\\(?:k<[^>]*>|[\s\S])/g)].find(([text]) => text.length > 2);
  if (reference) throw new Error(`a back-reference, ${reference[0]}: ${REASON}`);
  const { RE2JS } = re2();
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(`(?:${source.replace(PROPERTY, '\\$1{$2}')})`));
    return { test: (text) => compiled.matches(text) };
  } catch (error) {
    const what =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    throw new Error(`${what}: ${REASON}`);
  }
}
