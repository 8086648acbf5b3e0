const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;
const RETURN = 13;

/** Space, tab and carriage return; a newline is the line's end. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

/**
 * Calls `line` with the bounds of each line that isn't blank, blanks at both ends left out, and with where its newline
 * stands. What follows the last newline is a line too.
 */
export function eachLine(
  bytes: Uint8Array,
  line: (start: number, end: number, newline: number) => void,
): void {
  let from = 0;
  while (from < bytes.length) {
    let newline = bytes.indexOf(NEWLINE, from);
    if (newline < 0) newline = bytes.length;
    let start = from;
    let end = newline;
    while (start < end && isBlank(bytes[start])) start++;
    while (end > start && isBlank(bytes[end - 1])) end--;
    if (start < end) line(start, end, newline);
    from = newline + 1;
  }
}
