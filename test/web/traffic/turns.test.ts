import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../../src/web/traffic/turns.ts';

const alike = () => 0;

test('each peer in its turn, and the first of its own first', () => {
  const turns = new Turns<string>(10);
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) turns.push(item[0]!, item);
  const order = Array.from({ length: 7 }, () => turns.next(alike));
  assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3', undefined]);
  assert.equal(turns.size, 0);
});

test('who weighs less goes first', () => {
  const turns = new Turns<string>(10);
  for (const item of ['a1', 'a2', 'b1']) turns.push(item[0]!, item);
  assert.equal(
    turns.next((peer) => (peer === 'a' ? 5 : 1)),
    'b1',
  );
});

test('of too many, the last of the peer that waits most often goes', () => {
  const turns = new Turns<string>(3);
  for (const item of ['a1', 'a2', 'a3']) assert.equal(turns.push('a', item), undefined);
  assert.equal(turns.push('b', 'b1'), 'a3');
  assert.equal(turns.push('b', 'b2'), 'b2');
  assert.deepEqual([...turns], ['a1', 'a2', 'b1']);
});

test('who went away has no turn', () => {
  const turns = new Turns<string>(3);
  turns.push('a', 'a1');
  turns.push('a', 'a2');
  turns.remove('a', 'a1');
  turns.remove('a', 'never there');
  turns.remove('b', 'a2');
  assert.deepEqual([turns.size, turns.next(alike), turns.next(alike)], [1, 'a2', undefined]);
});
