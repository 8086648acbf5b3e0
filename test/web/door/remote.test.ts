import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { isFromHere } from '../../../src/web/door/remote.ts';

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

test('a proxy is never loopback', () => {
  for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])
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
