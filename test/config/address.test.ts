import assert from 'node:assert/strict';
import { test } from 'node:test';
import { externalUrl, routePrefix } from '../../src/config/address.ts';
import { configSchema } from '../../src/config/schema.ts';

const web = (given: object) => configSchema.parse({ web: given }).web;

test("the route prefix is the external URL's path, unless one is given", () => {
  for (const [given, prefix] of [
    [{}, ''],
    [{ external_url: 'http://example.com' }, ''],
    [{ external_url: 'http://example.com/' }, ''],
    [{ external_url: 'http://example.com/a/b/' }, '/a/b'],
    [{ external_url: 'http://example.com/a', route_prefix: '/' }, ''],
    [{ route_prefix: 'a//' }, '/a'],
    [{ external_url: 'http://example.com/a', route_prefix: '/b/' }, '/b'],
  ] as const)
    assert.equal(routePrefix(web(given)), prefix, JSON.stringify(given));
});

test('the external URL is this machine and the port where none is given', () => {
  assert.equal(externalUrl(web({ external_url: 'https://example.com/a/' }), 'h'), 'https://example.com/a');
  assert.equal(externalUrl(web({}), 'node-1'), 'http://node-1:9376');
});

test('what can be no address or no path is refused', () => {
  for (const given of [
    { external_url: 'example.com' },
    { external_url: 'ftp://example.com' },
    { external_url: '"http://example.com"' },
    { external_url: 'http://example.com/a(b)' },
    { route_prefix: '/a?b' },
    { route_prefix: '/:name' },
  ])
    assert.equal(configSchema.safeParse({ web: given }).success, false, JSON.stringify(given));
});
