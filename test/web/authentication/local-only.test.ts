import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { isFromHere } from '../../../src/web/authentication/local-only.ts';

function request(remoteAddress: string | undefined, headers: Record<string, string>): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

test('loopback, asked by a name of this machine', () => {
  for (const address of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])
    for (const host of ['localhost:9376', 'LOCALHOST', '127.0.0.1:9376', '[::1]:9376', `${hostname()}:9376`])
      assert.equal(isFromHere(request(address, { host })), true, `${address} ${host}`);
});

test('elsewhere', () => {
  for (const address of [
    '10.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    '::',
    '0.0.0.0',
    '1.127.0.1',
    '',
    undefined,
  ])
    assert.equal(isFromHere(request(address, { host: 'localhost' })), false, address);
});

/** One of each kind: nginx's and Apache's usual ones, Envoy, Cloudflare, Akamai, AWS, Azure, Google, Fastly, Varnish. */
const PROXIES = [
  ...[
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-real-ip',
  ],
  ...['via', 'x-client-ip', 'client-ip', 'x-cluster-client-ip', 'true-client-ip', 'x-original-forwarded-for'],
  ...['cf-connecting-ip', 'cf-ray', 'cf-visitor', 'cdn-loop', 'x-envoy-external-address', 'x-request-id'],
  ...[
    'x-envoy-expected-rq-timeout-ms',
    'fastly-client-ip',
    'fly-client-ip',
    'x-amzn-trace-id',
    'x-azure-ref',
  ],
  ...['x-arr-ssl', 'x-appengine-user-ip', 'x-cloud-trace-context', 'x-varnish', 'wl-proxy-client-ip'],
  ...[
    'proxy-connection',
    'x-scheme',
    'x-original-url',
    'x-remote-addr',
    'traceparent',
    'x-akamai-config-log-detail',
  ],
];

test('a proxy is never loopback', () => {
  for (const name of PROXIES)
    assert.equal(isFromHere(request('127.0.0.1', { host: 'localhost', [name]: '127.0.0.1' })), false, name);
});

test("a foreign page whose name was made to mean 127.0.0.1 is not this machine's", () => {
  for (const host of [
    'attacker.example:9376',
    '127.0.0.1.attacker.example',
    'localhost.attacker.example',
    '',
  ])
    assert.equal(isFromHere(request('127.0.0.1', { host })), false, host);
});

test('nor is an nginx that adds nothing: over HTTP/1.0, or 1.1 with each connection closed', () => {
  const asked = (httpVersion: string, rawHeaders: string[]) => {
    const headers = Object.fromEntries(
      rawHeaders.flatMap((name, at) => (at % 2 ? [] : [[name.toLowerCase(), rawHeaders[at + 1]]])),
    );
    return isFromHere({
      socket: { remoteAddress: '127.0.0.1' },
      httpVersion,
      rawHeaders,
      headers,
    } as unknown as IncomingMessage);
  };
  const host = ['Host', '127.0.0.1:9376'];
  const close = ['Connection', 'close'];
  const agent = ['User-Agent', 'Mozilla/5.0'];
  assert.equal(asked('1.0', [...host, ...close, ...agent]), false);
  assert.equal(asked('1.0', host), false);
  assert.equal(asked('1.1', [...host, ...close, ...agent]), false);
  // A client here that wants its connection closed writes so elsewhere, or says nothing else.
  assert.equal(asked('1.1', [...host, ...agent, ...close]), true);
  assert.equal(asked('1.1', [...host, ...close]), true);
});

test('what browsers, curl and Falco send is no sign of a proxy', () => {
  for (const name of [
    ...[
      'accept',
      'accept-encoding',
      'accept-language',
      'user-agent',
      'content-type',
      'content-length',
      'cookie',
    ],
    ...['cache-control', 'pragma', 'dnt', 'priority', 'last-event-id', 'referer', 'origin', 'expect', 'te'],
    ...['sec-fetch-site', 'sec-ch-ua', 'upgrade-insecure-requests', 'authorization', 'if-none-match'],
    ...['x-prometheus-scrape-timeout-seconds', 'x-auth-token', 'x-api-key', 'transfer-encoding'],
  ])
    assert.equal(isFromHere(request('127.0.0.1', { host: 'localhost', [name]: 'x' })), true, name);
});
