import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peerOf } from '../../../src/web/traffic/peer.ts';

test('an IPv4 address is a peer, however it is written', () => {
  assert.equal(peerOf('10.0.0.1'), '10.0.0.1');
  assert.equal(peerOf('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(peerOf('::FFFF:10.0.0.1'), '10.0.0.1');
});

test('IPv6 addresses of one /64 are one peer', () => {
  const same = [
    '2001:db8:0:1::1',
    '2001:db8:0:1:ffff:1:2:3',
    '2001:0db8:0000:0001:0:0:0:9',
    '2001:db8::1:0:0:0:7',
  ];
  assert.deepEqual(new Set(same.map(peerOf)), new Set(['2001:db8:0:1::/64']));
  for (const other of ['2001:db8:0:2::1', '2001:db8::1', 'fe80::1%eth0', '::1', '1:2:3:4:5:6:7:8'])
    assert.notEqual(peerOf(other), peerOf(same[0]));
  assert.equal(peerOf('fe80::1%eth0'), peerOf('fe80::2%eth1'));
  assert.equal(peerOf('::1'), '0:0:0:0::/64');
  assert.equal(peerOf('64:ff9b::10.0.0.1'), '64:ff9b:0:0::/64');
});

test('a connection that is over is some peer, too', () => {
  assert.equal(peerOf(undefined), '');
});
