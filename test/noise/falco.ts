/** Exceptions as Falco reads them: which events a rules file of them takes from a rule. */
import { parse } from 'yaml';

interface Item {
  rule: string;
  exceptions: { name: string; fields: string[]; comps: string[]; values: unknown[][] }[];
  override: { exceptions: string };
}

/** @returns whether an event of a rule with these output fields is taken away */
export function isExcepted(
  file: string,
): (rule: string, fields: Readonly<Record<string, unknown>>) => boolean {
  const items = ((parse(file) ?? []) as Item[]).filter(({ override }) => override.exceptions === 'append');
  const rows = items.flatMap(({ rule, exceptions }) =>
    exceptions.flatMap(({ fields, comps, values }) =>
      values.map((row) => {
        if (row.length !== fields.length || comps.some((comp) => comp !== '='))
          throw new Error(`odd: ${rule}`);
        return { rule, pairs: fields.map((field, index) => [field, unquoted(String(row[index]))] as const) };
      }),
    ),
  );
  return (rule, fields) =>
    rows.some(
      (row) => row.rule === rule && row.pairs.every(([field, value]) => String(fields[field]) === value),
    );
}

/** What the reader of conditions makes of a word, quoted or bare: it ends at the first quote with no backslash before. */
function unquoted(word: string): string {
  const quote = word[0]!;
  if (quote !== '"' && quote !== "'") {
    if (/[()"'\s=,]/.test(word)) throw new Error(`a bare word can't hold ${word}`);
    return word;
  }
  let end = 1;
  while (word[end] !== quote || word[end - 1] === '\\') {
    end++;
    if (end >= word.length) throw new Error(`no end: ${word}`);
  }
  if (end !== word.length - 1) throw new Error(`more after its end: ${word}`);
  return word.slice(1, -1).replace(/\\(.)/g, (_, character: string) => {
    if (character !== '\\' && character !== quote) throw new Error(`unsupported escape in ${word}`);
    return character;
  });
}
