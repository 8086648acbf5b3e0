/**
 * A value as Falco reads it in an exception. Falco pastes it into the rule's condition, where blanks, commas and
 * parentheses end a word, and where it replaces the name of a list by the list's items. So everything but numbers and
 * plain paths gets quotes of its own.
 * Source: `quote_item` and `build_rule_exception_infos` in rule_loader_compiler.cpp, `lex_quoted_str` in libs' parser.cpp.
 */
export function falcoValue(value: string): string {
  if (/^-?\d{1,15}$/.test(value) || /^\/[A-Za-z0-9_./:@%+-]*$/.test(value)) return value;
  const delimiter = value.includes('"') && !value.includes("'") ? "'" : '"';
  const escaped = value.replaceAll('\\', '\\\\').replaceAll(delimiter, `\\${delimiter}`);
  return `${delimiter}${escaped}${delimiter}`;
}

/**
 * Whether Falco reads the value back as it is. Its reader of quoted text takes a quote behind a backslash for a part of
 * the text, even where that backslash is itself escaped; and it replaces a list's name even within quotes, where blanks
 * or signs are on both sides of it.
 * @param lists names of the lists that the rules files define
 */
export function isRepresentable(value: string, lists: ReadonlySet<string>): boolean {
  if (/\\(?:["']|$)/.test(value)) return false;
  return !value
    .split(/[ \t\n\r(),=]/)
    .slice(1, -1)
    .some((word) => lists.has(word));
}
