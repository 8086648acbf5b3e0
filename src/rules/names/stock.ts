/** Recognises the rules files of Falco's packages by their content. */
import { STOCK } from './table.ts';

export interface StockFile {
  file: string;
  rules: ReadonlySet<string>;
}

const files = STOCK.map(({ file, ...kinds }) => {
  const set = (names: string) => new Set(names.split('\n'));
  return { file, rule: set(kinds.rules), macro: set(kinds.macros), list: set(kinds.lists) };
});

/** The file that defines it, if one does. */
export function stockFile(kind: 'rule' | 'macro' | 'list', name: string): StockFile | undefined {
  const found = files.find((file) => file[kind].has(name));
  return found && { file: found.file, rules: found.rule };
}
