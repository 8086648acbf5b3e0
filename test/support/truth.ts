/** The independent count: JSON.parse of each line, and nothing of ours. */

/** Counts as samples of /metrics, of Falco's bare lines. The service is the container's name. */
export function truth(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (sample: string) => counts.set(sample, (counts.get(sample) ?? 0) + 1);
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    let event: Record<string, unknown>;
    try {
      event = JSON.parse(line);
    } catch {
      add('falco_exporter_lines_total{outcome="text"}');
      continue;
    }
    if (event.source === 'internal') {
      add('falco_exporter_lines_total{outcome="internal"}');
      add(`falco_internal_events_total{event="${String(event.rule).replace('Falco internal: ', '')}"}`);
      continue;
    }
    const fields = (event.output_fields ?? {}) as Record<string, unknown>;
    const name = fields['container.name'];
    const id = fields['container.id'];
    const service = name && name !== '<NA>' ? name : id === 'host' ? 'host' : 'unknown';
    add('falco_exporter_lines_total{outcome="event"}');
    const priority = String(event.priority).toLowerCase();
    add(`falco_events_total{rule="${event.rule}",service="${service}",priority="${priority}"}`);
  }
  return counts;
}

/** Asserting helper: the counters of truth out of the samples, zeros left out. */
export function counted(metrics: Map<string, number>): Map<string, number> {
  const families = /^(?:falco_events_total|falco_internal_events_total|falco_exporter_lines_total)\{/;
  return new Map([...metrics].filter(([sample, value]) => families.test(sample) && value > 0));
}

/** In one order, for a readable difference. */
export function sorted(counts: Map<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
