import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { BcryptThread } from '../../../src/web/door/bcrypt.ts';
import { Users } from '../../../src/web/door/users.ts';

/** Compares as if a hash were its password behind the usual 7 characters; answers when it is told to. */
class Comparer {
  readonly asked: { password: string; hash: string; answer: () => void }[] = [];
  running = 0;
  most = 0;

  compare = (password: string, hash: string): Promise<boolean> => {
    this.most = Math.max(this.most, ++this.running);
    return new Promise((resolve) => {
      const answer = () => {
        this.running--;
        resolve(hash === `$2y$10$${password}`);
      };
      this.asked.push({ password, hash, answer });
    });
  };

  /** Answers all, also those that are asked meanwhile. */
  async answerAll(): Promise<void> {
    for (let next = this.asked.shift(); next; next = this.asked.shift()) {
      next.answer();
      await new Promise(setImmediate);
    }
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function made(): { users: Users; comparer: Comparer; check(header?: string): Promise<string> } {
  const comparer = new Comparer();
  const users = new Users(comparer.compare);
  users.set(new Map([['alice', '$2y$10$secret']]));
  const check = async (header?: string) => {
    const answer = users.check(header);
    await new Promise(setImmediate);
    await comparer.answerAll();
    return answer;
  };
  return { users, comparer, check };
}

test('a right password opens, a wrong one and none do not', async () => {
  const { check } = made();
  assert.equal(await check(basic('alice', 'secret')), 'known');
  assert.equal(await check(basic('alice', 'Secret')), 'refused');
  assert.equal(await check(basic('bob', 'secret')), 'refused');
  for (const header of [
    undefined,
    '',
    'Basic',
    'Basic !',
    'Bearer abc',
    `Basic ${Buffer.from('alice').toString('base64')}`,
  ])
    assert.equal(await check(header), 'refused');
});

test('a right password is compared once, a wrong one each time', async () => {
  const { check, comparer, users } = made();
  await check(basic('alice', 'secret'));
  const before = comparer.asked.length;
  assert.equal(await users.check(basic('alice', 'secret')), 'known');
  assert.equal(comparer.asked.length, before);
  await check(basic('alice', 'wrong'));
  const again = users.check(basic('alice', 'wrong'));
  await new Promise(setImmediate);
  assert.equal(comparer.asked.length, 1);
  await comparer.answerAll();
  assert.equal(await again, 'refused');
});

test('an unknown user costs the same: a hash as costly as the costliest', async () => {
  const { users, comparer } = made();
  users.set(
    new Map([
      ['alice', `$2y$12$${'a'.repeat(53)}`],
      ['bob', `$2y$05$${'a'.repeat(53)}`],
    ]),
  );
  const answer = users.check(basic('mallory', 'x'));
  await new Promise(setImmediate);
  assert.match(comparer.asked[0]!.hash, /^\$2b\$12\$[./A-Za-z0-9]{53}$/);
  await comparer.answerAll();
  assert.equal(await answer, 'refused');
});

test('not even the password that fits the decoy opens to an unknown user', async () => {
  const users = new Users(() => Promise.resolve(true));
  users.set(new Map([['alice', '$2y$10$x']]));
  assert.equal(await users.check(basic('mallory', 'x')), 'refused');
  assert.equal(await users.check(basic('mallory', 'x')), 'refused');
});

test('one comparison at a time; the same question is asked once; too many are told to come again', async () => {
  const { users, comparer } = made();
  const same = Array.from({ length: 1000 }, () => users.check(basic('alice', 'secret')));
  const guesses = Array.from({ length: 100 }, (_, at) => users.check(basic('alice', `guess ${at}`)));
  await new Promise(setImmediate);
  await comparer.answerAll();
  assert.deepEqual(new Set(await Promise.all(same)), new Set(['known']));
  assert.equal(comparer.most, 1);
  const answers = await Promise.all(guesses);
  assert.ok(answers.includes('busy'));
  assert.ok(!answers.includes('known'));
  // Whoever is remembered comes in all the while.
  assert.equal(await users.check(basic('alice', 'secret')), 'known');
});

test('a comparison that fails is no answer, and does not block the next', async () => {
  let fail = true;
  const users = new Users(() => (fail ? Promise.reject(new Error('no thread')) : Promise.resolve(true)));
  users.set(new Map([['alice', '$2y$10$x']]));
  await assert.rejects(users.check(basic('alice', 'x')));
  fail = false;
  assert.equal(await users.check(basic('alice', 'x')), 'known');
});

test('who is taken off the list, or has another password, is known no more', async () => {
  const { users, check } = made();
  await check(basic('alice', 'secret'));
  users.set(new Map([['alice', '$2y$10$other']]));
  assert.equal(await check(basic('alice', 'secret')), 'refused');
  assert.equal(await check(basic('alice', 'other')), 'known');
});

test('a user who goes away during the comparison is refused', async () => {
  const { users, comparer } = made();
  const answer = users.check(basic('alice', 'secret'));
  await new Promise(setImmediate);
  users.set(new Map());
  await comparer.answerAll();
  assert.equal(await answer, 'refused');
});

test('the thread compares all three kinds of bcrypt, and the main thread goes on meanwhile', async () => {
  const thread = new BcryptThread();
  const hash = hashSync('pässword', 8);
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  try {
    for (const kind of ['$2a$', '$2b$', '$2y$']) {
      assert.equal(await thread.compare('pässword', kind + hash.slice(4)), true);
      assert.equal(await thread.compare('password', kind + hash.slice(4)), false);
    }
  } finally {
    clearInterval(ticking);
    await thread.close();
  }
  assert.ok(turns > 0);
});
