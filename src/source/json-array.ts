/** The elements of a JSON array as lines: cut where they stand, so that each keeps its bytes. */
const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BLANK = /^[ \t\r\n]*$/;

/**
 * What separates the elements becomes a line's end, and each line's end between and in them a space. If each line is
 * JSON, the text is an array of them: that is for the caller to see.
 * @param open where its bracket stands
 * @returns as many bytes as came; undefined where it is no array of one element or more
 */
export function elements(text: Buffer, open: number): Buffer | undefined {
  const lines = Buffer.from(text).fill(SPACE, 0, open + 1);
  let depth = 0;
  /** Whether there is anything of the element at hand. */
  let met = false;
  for (let at = open + 1; at < lines.length; at++) {
    switch (lines[at]) {
      case 9 /* tab */:
      case SPACE:
        continue;
      case NEWLINE:
      case 13 /* return */:
        lines[at] = SPACE;
        continue;
      case QUOTE:
        // A line's end in it, which JSON doesn't allow, stays one, and leaves two pieces.
        at = stringEnd(lines, at);
        break;
      case 0x5b /* [ */:
      case 0x7b /* { */:
        depth++;
        break;
      case BRACKET_END:
      case 0x7d /* } */:
        if (--depth >= 0) break;
        if (lines[at] !== BRACKET_END || !met || !BLANK.test(text.toString('latin1', at + 1)))
          return undefined;
        return lines.fill(SPACE, at);
      case 0x2c /* , */:
        if (depth > 0) break;
        if (!met) return undefined;
        lines[at] = NEWLINE;
        met = false;
        continue;
    }
    met = true;
  }
  return undefined;
}

/** @returns where the quote stands that ends the string that begins there; the text's end if none does */
function stringEnd(text: Buffer, start: number): number {
  for (let end = text.indexOf(QUOTE, start + 1); end >= 0; end = text.indexOf(QUOTE, end + 1)) {
    let before = end;
    while (text[before - 1] === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}
