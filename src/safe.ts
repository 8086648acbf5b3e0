/** Controls (C0, DEL, C1), line separators, and Unicode's marks and overrides of direction. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text that may come from events, for a terminal or a log: nothing in it is obeyed, and it stays on its line. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
