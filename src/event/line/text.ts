/** How an event in Falco's text format begins, in short or ISO 8601 time. */
export const FALCO_TEXT =
  /(?:\d\d:\d\d:\d\d\.\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d{4}): (?:Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) /;
