/** Falco's priorities, gravest first, in the words that the metrics use. */
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

/**
 * The metric's word for a priority: Falco's own in lower case. INFO is what rules files may say for INFORMATIONAL.
 * An unknown word stays itself, in lower case.
 */
export function priorityWord(priority: string): string {
  const word = priority.toLowerCase();
  return word === 'info' ? 'informational' : word;
}
