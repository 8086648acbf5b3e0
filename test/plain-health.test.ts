import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../src/config/load.ts';
import { plainlyAsked } from '../src/plain-health.ts';

const variables = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`FALCO_EVENT_EXPORTER_${name}`, value]));

test('it asks where the configuration says', () => {
  for (const [flags, environment] of [
    [{}, {}],
    [{ 'web.listen-address': '[::1]:1' }, { WEB_LISTEN_ADDRESS: ':2' }],
    [{}, { WEB_LISTEN_ADDRESS: '127.0.0.1:3,:4', WEB_ROUTE_PREFIX: '/a/', RULES_FILE: '/nowhere' }],
    [{ 'web.external-url': 'https://h.example:8443/b' }, {}],
    [{ 'web.route-prefix': '/' }, { WEB_EXTERNAL_URL: 'http://h/b' }],
  ] as [Record<string, string>, Record<string, string>][]) {
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const found = plainlyAsked(args, variables(environment));
    const { web } = loadConfig(flags, variables(environment));
    assert.deepEqual(found, {
      listen_address: [web.listen_address[0]],
      route_prefix: web.route_prefix,
      external_url: web.external_url,
    });
  }
});

test('what takes more than that, or is wrong, is left to the command line', () => {
  for (const [args, environment] of [
    [[], { CONFIG_FILE: 'config.yml' }],
    [['--help'], {}],
    [['--config.file=config.yml'], {}],
    [['--web.listen-address', ':1'], {}],
    [['--web.listen-address=:1', '--web.listen-address=:2'], {}],
    [['--web.listen-address=:1,:2'], {}],
    [['--web.listen-address=here'], {}],
    [['--web.route-prefix=/a b'], {}],
    [[], { WEB_EXTERNAL_URL: 'ftp://h' }],
    [[], { WEB_EXTERNAL_URL: 'http://h/a b' }],
    [[], { WEB_LISTEN_ADDRESS: '' }],
  ] as [string[], Record<string, string>][])
    assert.equal(
      plainlyAsked(args, variables(environment)),
      undefined,
      `${args} ${JSON.stringify(environment)}`,
    );
});
