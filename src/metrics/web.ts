/** How busy the web module is, and what it refuses, since this process began. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { WebStatus } from './web-status.ts';

/**
 * Registers all of them; each is made anew for each answer.
 * @param lean of refusals only those that happened
 */
export function registerWeb(registry: Registry, status: () => WebStatus, lean: boolean): void {
  type Sample = readonly [labels: Record<string, string>, value: number];
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[], samples: (now: WebStatus) => Sample[]) =>
    new Gauge({
      name: `falco_exporter_web_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        for (const [labels, value] of samples(status())) this.set(labels, value);
      },
    });
  const counter = (name: string, help: string, labelNames: string[], samples: (now: WebStatus) => Sample[]) =>
    new Counter({
      name: `falco_exporter_web_${name}_total`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of samples(status())) this.inc(labels, value);
      },
    });

  gauge('requests', 'Requests that are being answered, by what they are for.', ['purpose'], ({ purposes }) =>
    purposes.map(({ purpose, active }) => [{ purpose }, active]),
  );
  gauge('requests_limit', 'Most that are answered at the same time.', ['purpose'], ({ purposes }) =>
    purposes.map(({ purpose, limit }) => [{ purpose }, limit]),
  );
  gauge('requests_waiting', 'Requests that wait for others to end.', ['purpose'], ({ purposes }) =>
    purposes.map(({ purpose, waiting }) => [{ purpose }, waiting]),
  );
  counter(
    'refusals',
    'Requests that were refused or cut off though they were allowed, since the start of this process.',
    ['purpose', 'reason'],
    ({ refusals }) =>
      refusals
        .filter(({ count }) => count > 0 || !lean)
        .map(({ purpose, reason, count }) => [{ purpose, reason }, count]),
  );
  gauge('connections', 'Open connections.', [], ({ connections }) => [[{}, connections.open]]);
  gauge('connections_limit', 'Most connections that may be open.', [], ({ connections }) => [
    [{}, connections.limit],
  ]);
  counter('connections_dropped', 'Connections that were ended, by why.', ['reason'], ({ dropped }) =>
    dropped.map(({ reason, count }) => [{ reason }, count]),
  );
  gauge('streams', 'Live streams of events.', [], ({ streams }) => [[{}, streams.open]]);
  gauge('passwords_waiting', 'Passwords that wait to be checked.', [], ({ passwordsWaiting }) => [
    [{}, passwordsWaiting],
  ]);
}
