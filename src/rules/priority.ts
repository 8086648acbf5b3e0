/** Falco's eight priorities, most urgent first, as the metrics write them. */
export const PRIORITIES = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const;

export type Priority = (typeof PRIORITIES)[number];

/** The metric word for what a rules file or falco.yaml says: any case, and `info` too. */
export function parsePriority(text: string): Priority | undefined {
  const word = text.toLowerCase();
  return word === 'info' ? 'informational' : PRIORITIES.find((priority) => priority === word);
}
