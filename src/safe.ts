/** Controls (C0, DEL, C1), line separators, and Unicode's marks and overrides of direction. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The same but for the newline, which Prometheus's text format writes as two harmless characters. */
const UNSAFE_IN_LABEL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** A text that looks as if something had been replaced in it. */
const LOOKS_REPLACED = /\\(?=u[0-9a-f]{4})/g;

/** Text that may come from events, for a terminal or a log: nothing in it is obeyed, and it stays on its line. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, spelled);
}

/** JSON in lines, for a terminal: the same values, whatever they hold. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).split('\n').map(safeText).join('\n');
}

/**
 * Text for a label. Not every reader of /metrics splits lines at newlines alone: a carriage return or U+2028 in a value
 * ends the line for some, and breaks the whole scrape. Such characters are spelled out (`\u000d`), and so is the
 * backslash of a text that says so itself: different texts stay different.
 */
export function safeLabel(text: string): string {
  return replaceUnsafe(text.replace(LOOKS_REPLACED, spelled));
}

/** The same for a text that was made safe already, or before there was need: what is safe stays as it is. */
export function replaceUnsafe(text: string): string {
  return text.replace(UNSAFE_IN_LABEL, spelled);
}

function spelled(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
