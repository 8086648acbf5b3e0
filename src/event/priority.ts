/** Falco's priorities, worst first, in the words that the metrics use. */
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

/** A priority's rank among Falco's: 0 is emergency, the worst; an unknown word comes last. */
export function gravity(word: string): number {
  const index = (PRIORITIES as readonly string[]).indexOf(word);
  return index < 0 ? PRIORITIES.length : index;
}
