/** Events as Falco prints them, for the responder's tests. */

export interface Fired {
  rule?: string;
  priority?: string;
  tags?: string[];
  /** Of the container; "host" is none. */
  id?: string;
  name?: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** Makes it another event. */
  command?: string;
}

export function eventLine({
  rule = 'Drop',
  priority = 'Critical',
  tags = [],
  id,
  name,
  at,
  command = 'x',
}: Fired): string {
  const fields = {
    ...(id !== undefined && { 'container.id': id }),
    ...(name !== undefined && { 'container.name': name }),
    'proc.cmdline': command,
  };
  return `${JSON.stringify({
    ...{ hostname: 'vm', output: command, output_fields: fields, priority, rule, source: 'syscall', tags },
    time: new Date(at).toISOString(),
  })}\n`;
}
