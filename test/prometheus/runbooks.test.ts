/** The runbooks: one for each alert, whole, and their commands name only what there is. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from './program.ts';

const RUNBOOKS = join(ROOT, 'docs/runbooks');
const RULES = join(ROOT, 'prometheus/rules');
const COMPOSE = join(ROOT, 'docker-compose.yml');
/** The stack's services, by contract: what docker-compose.yml has. */
const SERVICES = [
  'alertmanager',
  'ecommerce-dashboard',
  'ecommerce-falco',
  'ecommerce-grafana',
  'ecommerce-postgres',
  'falco-event-exporter',
  'falco-responder',
  'falco-socket-proxy',
  'prometheus',
];
const PORTS: Record<string, string> = {
  3000: 'Grafana',
  8765: 'Falco',
  9090: 'Prometheus',
  9376: 'exporter',
  9377: 'responder',
};
/** By port, what may be asked for. */
const PATHS: Record<string, RegExp> = {
  8765: /^\/(metrics|healthz)$/,
  9090: /^\/api\/v1\//,
  9376: /^\/(metrics|healthz|readyz|api\/events|api\/summary)$/,
  9377: /^\/(readyz|api\/approvals(\/ID\/(approve|refuse))?)$/,
};
const HEADINGS = [
  'What it means',
  'First five minutes',
  'When it is a false alarm, and how to tune',
  'When to escalate',
];

const alerts = new Set(
  readdirSync(RULES)
    .flatMap((file) => parse(readFileSync(join(RULES, file), 'utf8')).groups)
    .flatMap((group: { rules: { alert?: string }[] }) => group.rules)
    .flatMap(({ alert }) => alert ?? []),
);
const index = readFileSync(join(RUNBOOKS, 'README.md'), 'utf8');

test('there is a runbook for each alert, each is in the index, and there is no other', () => {
  const files = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md');
  assert.deepEqual(files.sort(), [...alerts].map((alert) => `${alert}.md`).sort());
  for (const alert of alerts) assert.ok(index.includes(`| [${alert}](${alert}.md) |`), alert);
});

test('the services that the runbooks name are those of docker-compose.yml', {
  skip: !existsSync(COMPOSE) && 'there is no docker-compose.yml yet',
}, () => {
  const { services } = parse(readFileSync(COMPOSE, 'utf8'));
  for (const service of SERVICES) assert.ok(service in services, service);
});

for (const file of [...[...alerts].map((alert) => `runbooks/${alert}.md`), 'incident-response.md'])
  describe(file, () => {
    const text = readFileSync(join(ROOT, 'docs', file), 'utf8');
    const commands = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, block]) =>
      (block ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    );

    if (file.startsWith('runbooks/'))
      test('says what it means, what to do first, how to tune, when to escalate', () => {
        assert.deepEqual(
          [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading),
          HEADINGS,
        );
      });

    test('its commands name services and containers that there are', () => {
      assert.notEqual(commands.length, 0);
      for (const command of commands) {
        for (const [name] of command.matchAll(/\b(?:ecommerce|falco-event)-[a-z]+\b/g))
          assert.ok(SERVICES.includes(name), `${name}: ${command}`);
        const [, service] =
          /docker compose (?:ps|cp|exec(?: -\S+)*|restart|up -d|logs(?: --?\S+(?: \d+[mh]?)?)*) ([a-z][\w-]*)/.exec(
            command,
          ) ?? [];
        if (/docker compose/.test(command))
          assert.ok(SERVICES.includes(service ?? ''), `${service}: ${command}`);
      }
    });

    test('its commands ask ports for what is there', () => {
      for (const command of commands)
        for (const [, port = '', path = ''] of command.matchAll(/http:\/\/127\.0\.0\.1:(\d+)([\w/]*)/g)) {
          assert.ok(port in PORTS, command);
          assert.match(path, PATHS[port] ?? /^\/$/, command);
        }
    });

    test('its commands and links name files that there are', () => {
      for (const [path] of text.matchAll(
        /(?<!\/etc\/)\b(?:falco|prometheus|alertmanager|grafana|docs)\/[\w./-]*\w/g,
      ))
        assert.ok(existsSync(join(ROOT, path)), path);
      for (const [, path] of text.matchAll(/\]\(([\w./-]+\.md)/g))
        assert.ok(existsSync(join(ROOT, 'docs', file, '..', path ?? '')), path);
    });

    test("its commands are the exporter's own: count and check", () => {
      for (const command of commands)
        for (const [, name] of command.matchAll(/(?:^|\| )falco-event-exporter (\S+)/g))
          assert.match(name ?? '', /^(count|check)$/, command);
    });
  });
