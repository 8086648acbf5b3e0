/** What an event says that a response needs. All of it is an attacker's text until the engine has confirmed it. */

export interface Facts {
  tags: string[];
  /** Undefined: it is of the host, or what it says can be no container's id or name. */
  claim: { id?: string; name?: string } | undefined;
}

const SHORT_ID = /^[0-9a-f]{12,64}$/;
const FULL_ID = /^[0-9a-f]{64}$/;
/** As Docker checks names; "host" is Falco's word for none. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;
const HOST = 'host';
const MOST_TAGS = 100;

/** @param line a whole event, as the scanner found it */
export function factsOf(line: Buffer): Facts {
  const { tags, output_fields: fields } = JSON.parse(line.toString()) as Record<string, unknown>;
  return { tags: texts(tags), claim: claimOf(fields) };
}

function claimOf(fields: unknown): Facts['claim'] {
  const id = field(fields, 'container.id');
  const full = field(fields, 'container.full_id');
  if (id === HOST) return undefined;
  if (full !== undefined && FULL_ID.test(full) && (id === undefined || full.startsWith(id)))
    return { id: full };
  if (id !== undefined && SHORT_ID.test(id)) return { id };
  // An id that is none is no reason to believe a name.
  if (id !== undefined) return undefined;
  const name = field(fields, 'container.name');
  return name !== undefined && name !== HOST && NAME.test(name) ? { name } : undefined;
}

function field(fields: unknown, name: string): string | undefined {
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return undefined;
  const value = (fields as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' && value !== '<NA>' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string').slice(0, MOST_TAGS) : [];
}
