/** Stand-ins for Slack and PagerDuty, and a real Alertmanager with the shipped configuration that tells them. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { eventually, ROOT, type Stage } from '../prometheus/program.ts';
import { freePort } from '../support/exporter.ts';

export interface Slack {
  attachments: {
    title: string;
    title_link: string;
    text: string;
    color: string;
    actions: { type: string; text: string; url: string }[];
  }[];
}

export interface PagerDuty {
  routing_key: string;
  dedup_key: string;
  event_action: string;
  payload: {
    summary: string;
    source: string;
    severity: string;
    component: string;
    group: string;
    custom_details: Record<string, string>;
  };
  links: { href: string; text: string }[];
}

/** Takes what is sent to either, in the order in which it came. */
export class People {
  readonly slack: Slack[] = [];
  readonly pagerduty: PagerDuty[] = [];
  readonly #server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const slack = request.url === '/slack';
      if (slack) this.slack.push(JSON.parse(body));
      else this.pagerduty.push(JSON.parse(body));
      if (slack) response.writeHead(200, { 'content-type': 'text/html' }).end('ok');
      else response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"success"}');
    });
  });

  async listen(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return (this.#server.address() as { port: number }).port;
  }

  forget(): void {
    this.slack.length = 0;
    this.pagerduty.length = 0;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export interface Route {
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  routes?: Route[];
}

/** What a day is here; milliseconds. */
export const DAY = 6000;

/** Every wait half a second; a day's group six. */
function hurry(route: Route): void {
  if (route.group_wait) route.group_wait = '500ms';
  if (route.group_interval) route.group_interval = route.group_interval === '24h' ? `${DAY}ms` : '1s';
  if (route.repeat_interval === '24h') route.repeat_interval = `${DAY}ms`;
  route.routes?.forEach(hurry);
}

/**
 * Starts it with alertmanager/alertmanager.yml; only the waits are shorter, and the addresses the test's own.
 * @param changed what else the test wants of the configuration
 * @returns where it listens, once it is ready
 */
export async function alertmanager(
  stage: Stage,
  people: People,
  changed: (config: { inhibit_rules: unknown[] }) => void = () => undefined,
): Promise<string> {
  const port = await people.listen();
  writeFileSync(stage.path('slack'), `http://127.0.0.1:${port}/slack`);
  writeFileSync(stage.path('pagerduty'), 'key');
  const config = parse(readFileSync(join(ROOT, 'alertmanager/alertmanager.yml'), 'utf8'), { merge: true });
  hurry(config.route);
  config.global.slack_api_url_file = stage.path('slack');
  config.global.pagerduty_url = `http://127.0.0.1:${port}/pagerduty`;
  config.templates = [join(ROOT, 'alertmanager/templates/*.tmpl')];
  for (const { pagerduty_configs } of config.receivers)
    for (const one of pagerduty_configs ?? []) one.routing_key_file = stage.path('pagerduty');
  changed(config);
  writeFileSync(stage.path('alertmanager.yml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  stage.start(
    'prometheus-alertmanager',
    `--config.file=${stage.path('alertmanager.yml')}`,
    `--storage.path=${stage.path('alertmanager')}`,
    `--web.listen-address=${address}`,
    '--web.external-url=http://localhost:9093',
    '--cluster.listen-address=',
  );
  await eventually('Alertmanager to be ready', async () =>
    (await fetch(`http://${address}/-/ready`)).ok ? true : undefined,
  ).catch((error) => {
    throw new Error(stage.words, { cause: error });
  });
  return address;
}
