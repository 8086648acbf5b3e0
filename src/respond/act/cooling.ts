/** The names under which the journal remembers what is not to be done again for a while. */
import type { EventRef } from '../journal/records.ts';
import type { Action, ContainerRef } from '../words.ts';

/** The same response, to this container, or to one that took its name. */
export function responseKeys(response: string, { id, name }: ContainerRef): string[] {
  return [`response ${response} id ${id}`, `response ${response} name ${name}`];
}

/** The same act, whichever response asks for it. */
export function actKey(action: Action, { id }: ContainerRef): string {
  return `act ${action} id ${id}`;
}

/** Events that say the same, before the engine is asked. */
export function claimKey({ id, name }: EventRef['claim'], candidates: readonly string[]): string {
  return `claim ${id ?? `name ${name}`} ${candidates.join(' ')}`;
}
