import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decoys } from '../../../src/web/authentication/decoys.ts';
import { bcryptCost } from '../../../src/web/web-config/bcrypt-hash.ts';

const hash = (cost: string, salt: string) => `$2b$${cost}$${salt.repeat(53)}`;
const NAMES = Array.from({ length: 1000 }, (_, at) => `name ${at}`);
const costs = (decoys: Decoys) => NAMES.map((name) => bcryptCost(decoys.of(name)));

test("names that are no user's differ in cost as the users do", () => {
  const found = costs(new Decoys([hash('05', 'a'), hash('12', 'b'), hash('05', 'c'), hash('05', 'd')]));
  const costly = found.filter((cost) => cost === 12).length;
  assert.equal(found.filter((cost) => cost === 5).length, NAMES.length - costly);
  assert.ok(costly > 180 && costly < 320, String(costly));
});

test('a name costs the same at each try, after a restart, and for most when another user comes', () => {
  const users = [hash('05', 'a'), hash('12', 'b'), hash('05', 'c')];
  const before = costs(new Decoys(users));
  assert.deepEqual(costs(new Decoys([...users].reverse())), before);
  const after = costs(new Decoys([...users, hash('12', 'd')]));
  const changed = after.filter((cost, at) => cost !== before[at]).length;
  assert.ok(changed > 100 && changed < 250, String(changed));
});

test('whoever guesses names takes the thread no longer than a usual password does', () => {
  assert.deepEqual(new Set(costs(new Decoys([hash('18', 'a')]))), new Set([12]));
  assert.deepEqual(new Set(costs(new Decoys([]))), new Set([10]));
});
