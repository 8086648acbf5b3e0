/** Priorities as rules files and falco.yaml write them. */

import { PRIORITIES, priorityWord } from '../../event/priority.ts';

export type Priority = (typeof PRIORITIES)[number];

/** The metrics' word, or undefined for what is none of Falco's. */
export function parsePriority(text: string): Priority | undefined {
  const word = priorityWord(text);
  return PRIORITIES.find((priority) => priority === word);
}
