import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { BcryptThread } from '../../../src/web/authentication/bcrypt.ts';
import { type Answer, Users } from '../../../src/web/authentication/users.ts';

/** Compares as if a hash were its password behind the usual 7 characters; answers when it is told to. */
class Comparer {
  readonly asked: { password: string; hash: string; answer: () => void }[] = [];
  readonly compared: string[] = [];
  running = 0;
  most = 0;

  compare = (password: string, hash: string): Promise<boolean> => {
    this.most = Math.max(this.most, ++this.running);
    this.compared.push(password);
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

let now = 0;
const clock = { now: () => 0, monotonic: () => now };

/** Asks on behalf of a peer that goes on waiting. */
function ask(users: Users, header: string | undefined, peer = '10.0.0.1'): Promise<Answer> {
  return users.check(header, { peer, isGone: () => false });
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function made(): { users: Users; comparer: Comparer; check(header?: string): Promise<string> } {
  const comparer = new Comparer();
  const users = new Users(comparer.compare, clock);
  users.set(new Map([['alice', '$2y$10$secret']]));
  const check = async (header?: string) => {
    const answer = ask(users, header);
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
  assert.equal(await ask(users, basic('alice', 'secret')), 'known');
  assert.equal(comparer.asked.length, before);
  await check(basic('alice', 'wrong'));
  const again = ask(users, basic('alice', 'wrong'));
  await new Promise(setImmediate);
  assert.equal(comparer.asked.length, 1);
  await comparer.answerAll();
  assert.equal(await again, 'refused');
});

test('a name that is no user costs what a user costs', async () => {
  const { users, comparer } = made();
  users.set(new Map([['alice', `$2y$07$${'a'.repeat(53)}`]]));
  const answer = ask(users, basic('mallory', 'x'));
  await new Promise(setImmediate);
  assert.match(comparer.asked[0]!.hash, /^\$2b\$07\$[./A-Za-z0-9]{53}$/);
  await comparer.answerAll();
  assert.equal(await answer, 'refused');
});

test('not even the password that fits the decoy opens to an unknown user', async () => {
  const users = new Users(() => Promise.resolve(true), clock);
  users.set(new Map([['alice', '$2y$10$x']]));
  assert.equal(await ask(users, basic('mallory', 'x')), 'refused');
  assert.equal(await ask(users, basic('mallory', 'x')), 'refused');
});

test('one comparison at a time; the same question is asked once; too many are told to come again', async () => {
  const { users, comparer } = made();
  const same = Array.from({ length: 1000 }, () => ask(users, basic('alice', 'secret')));
  const guesses = Array.from({ length: 300 }, (_, at) => ask(users, basic('alice', `guess ${at}`)));
  await new Promise(setImmediate);
  await comparer.answerAll();
  assert.deepEqual(new Set(await Promise.all(same)), new Set(['known']));
  assert.equal(comparer.most, 1);
  const answers = await Promise.all(guesses);
  assert.ok(answers.includes('busy'));
  assert.ok(!answers.includes('known'));
  // Whoever is remembered comes in all the while.
  assert.equal(await ask(users, basic('alice', 'secret')), 'known');
});

test('a comparison that fails is no answer, and does not block the next', async () => {
  let fail = true;
  const users = new Users(
    () => (fail ? Promise.reject(new Error('no thread')) : Promise.resolve(true)),
    clock,
  );
  users.set(new Map([['alice', '$2y$10$x']]));
  await assert.rejects(ask(users, basic('alice', 'x')));
  fail = false;
  assert.equal(await ask(users, basic('alice', 'x')), 'known');
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
  const answer = ask(users, basic('alice', 'secret'));
  await new Promise(setImmediate);
  users.set(new Map());
  await comparer.answerAll();
  assert.equal(await answer, 'refused');
});

test('a right password stays remembered when the users are read again', async () => {
  const { users, comparer, check } = made();
  await check(basic('alice', 'secret'));
  users.set(
    new Map([
      ['alice', '$2y$10$secret'],
      ['bob', '$2y$10$word'],
    ]),
  );
  assert.equal(await ask(users, basic('alice', 'secret')), 'known');
  users.set(new Map([['bob', '$2y$10$word']]));
  assert.equal(await check(basic('alice', 'secret')), 'refused');
  assert.equal(comparer.asked.length, 0);
});

test('so many right passwords are remembered, those that came last', async () => {
  let compared = 0;
  const users = new Users(() => Promise.resolve(compared++ >= 0), clock);
  users.set(new Map([['alice', '$2y$10$x']]));
  // More than 72 bytes are one password to bcrypt, and any number to us.
  for (let at = 0; at < 1000; at++) await ask(users, basic('alice', `right ${at}`));
  await ask(users, basic('alice', 'right 0'));
  assert.equal(compared, 1000);
  await ask(users, basic('alice', 'right 1000'));
  await ask(users, basic('alice', 'right 0'));
  assert.equal(compared, 1001);
  await ask(users, basic('alice', 'right 1'));
  assert.equal(compared, 1002);
});

test('who guesses waits behind who has not, and can not keep out the right password', async () => {
  const { users, comparer } = made();
  const flood = (from: number) =>
    Array.from({ length: 500 }, (_, at) => ask(users, basic('alice', `guess ${from + at}`), '10.0.0.66'));
  const first = flood(0);
  await new Promise(setImmediate);
  comparer.asked.shift()!.answer();
  await new Promise(setImmediate);
  // One guess of the 500 is being looked at; the right one is next, though they came before it.
  const right = ask(users, basic('alice', 'secret'), '10.0.0.1');
  const more = flood(500);
  comparer.asked.shift()!.answer();
  await new Promise(setImmediate);
  assert.equal(comparer.asked[0]!.password, 'secret');
  await comparer.answerAll();
  assert.equal(await right, 'known');
  const answers = await Promise.all([...first, ...more]);
  assert.ok(answers.includes('busy') && !answers.includes('known'));
  assert.equal(users.waiting, 0);
  // Guesses are forgiven after a while.
  now += 60_000;
  const [again, other] = [
    ask(users, basic('alice', 'a'), '10.0.0.66'),
    ask(users, basic('alice', 'b'), '10.0.0.2'),
  ];
  await new Promise(setImmediate);
  assert.equal(comparer.asked[0]!.password, 'a');
  await comparer.answerAll();
  await Promise.all([again, other]);
});

test('no bcrypt for who went away while waiting', async () => {
  const { users, comparer } = made();
  const first = ask(users, basic('alice', 'a'));
  const gone = users.check(basic('alice', 'b'), { peer: '10.0.0.1', isGone: () => true });
  await new Promise(setImmediate);
  await comparer.answerAll();
  assert.deepEqual([await first, await gone], ['refused', 'refused']);
  assert.equal(comparer.compared.includes('b'), false);
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
