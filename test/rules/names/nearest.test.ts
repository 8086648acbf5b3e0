import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nearest } from '../../../src/rules/names/nearest.ts';

test('the nearest name is one that differs in no more than two letters', () => {
  const names = new Nearest(['shell_binaries', 'proc.name', 'proc.pname', 'open']);
  for (const [word, name] of [
    ['shell_binaries', 'shell_binaries'],
    ['shel_binaries', 'shell_binaries'],
    ['shel_binarie', 'shell_binaries'],
    ['opne', 'open'],
    ['proc.nam', 'proc.name'],
    ['proc.pnme', 'proc.pname'],
    ['shel_binari', undefined],
    ['opneing', undefined],
    ['', undefined],
  ] as const)
    assert.equal(names.find(word), name, word);
});

test('its work is bounded', () => {
  const names = new Nearest(Array.from({ length: 1000 }, (_, i) => `name_${i}`));
  for (let i = 0; i < 1000; i++) names.find(`nmae_${i % 10}x`);
  assert.equal(names.find('name_7'), undefined);
});
