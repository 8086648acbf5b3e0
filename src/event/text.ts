const FALCO_TEXT =
  /^(?:\d\d:\d\d:\d\d\.\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d{4}): (?:Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) /;

/** Longest beginning of a line that `isFalcoText` looks at, in bytes. */
export const FALCO_TEXT_PREFIX = 64;

/** Whether a line is an event in Falco's text format: then Falco runs without `json_output`, and nothing can be counted. */
export function isFalcoText(beginning: string): boolean {
  return FALCO_TEXT.test(beginning);
}
