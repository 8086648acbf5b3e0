/**
 * Clients of all kinds at once, at random: slow, silent, pipelined, resetting, huge, known and not, while the web
 * configuration is changed and damaged. Whatever they do: slots taken are live requests, the scraper is answered within a
 * second, and no reload takes protection away without words. `npm run test:door` runs more; DOOR_SEED runs one again.
 */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashSync } from 'bcryptjs';
import fc from 'fast-check';
import { PURPOSES } from '../../../src/metrics/web-status.ts';
import { temporary } from '../../support/exporter.ts';
import { type Command, EXAMPLES, scripts } from './commands.ts';
import { type Client, World } from './world.ts';

const { DOOR_RUNS, DOOR_SEED } = process.env;
const RUNS = Number(DOOR_RUNS ?? 8);
/** The same at each `npm test`. */
const SEED = Number(DOOR_SEED ?? (DOOR_RUNS === undefined ? 15 : Math.floor(Math.random() * 2 ** 31)));
const MOST_CONNECTIONS = 24;
/** More than a system takes of an answer that its peer doesn't read; several, as counts change between scrapes. */
const TEXTS = Array.from({ length: 4 }, (_, n) => Buffer.alloc(7 * 1024 * 1024, String(n)));
const PASSWORDS = ['one', 'two'] as const;
const HASHES = PASSWORDS.map((password) => hashSync(password, 4));
const EVENT = '{"rule":"R","priority":"Error"}';

const basic = (user: string, password: string) =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;

class Model {
  readonly #world: World;
  readonly #file: string;
  readonly #clients: Client[] = [];
  #scraper: Client | undefined;
  /** Which of alice's passwords is right. */
  #password = 0;
  #isProtected = true;

  private constructor(world: World, file: string) {
    this.#world = world;
    this.#file = file;
  }

  static async start(file: string): Promise<Model> {
    writeFileSync(file, users(0));
    let asked = 0;
    const world = await World.start({
      file,
      maxRequests: 3,
      mostConnections: MOST_CONNECTIONS,
      metrics: async () => TEXTS[asked++ % TEXTS.length]!,
      page: () => 'x'.repeat(300_000),
    });
    return new Model(world, file);
  }

  async run(script: readonly Command[]): Promise<void> {
    await this.#scrape();
    for (const command of script) {
      await this.#do(command);
      await this.#check();
    }
    await this.#scrape();
    await this.#leave();
  }

  /** All go away, and nothing of them stays. */
  async #leave(): Promise<void> {
    for (const client of [...this.#clients, this.#scraper]) client?.reset();
    const { traffic, streams } = this.#world;
    const isEmpty = () => traffic.connections.size + streams.size === 0;
    await this.#world.settle();
    // A socket with an unread request behind a stream isn't read: that its peer is gone shows when the stream speaks.
    if (!isEmpty()) await this.#world.pass(16_000);
    await this.#until('all is given back', isEmpty);
    await this.#check();
    for (const purpose of PURPOSES) assert.equal(this.#world.live(purpose), 0, purpose);
    assert.deepEqual(this.#world.failed, []);
  }

  stop(): Promise<void> {
    return this.#world.stop();
  }

  async #do(command: Command): Promise<void> {
    const world = this.#world;
    const client = 'who' in command ? this.#clients[command.who % this.#clients.length] : undefined;
    switch (command.do) {
      case 'connect':
        for (let time = 0; time < command.times; time++) this.#clients.push(await world.client(command.from));
        break;
      case 'ask':
        client?.get(command.path, this.#as(command.as), command.times);
        break;
      case 'stream':
        client?.get('/api/events', `Accept: text/event-stream\r\n${this.#as('alice')}`);
        break;
      case 'post':
        client?.socket.write(this.#post(command.how));
        break;
      case 'creep':
        if (command.sends) client?.socket.write(this.#post('half', 1_000_000));
        else client?.get('/metrics', this.#as('alice'));
        client?.creep(command.sends);
        break;
      case 'write':
        client?.socket.write(command.what, 'latin1');
        break;
      case 'read':
        client?.read(command.most && client.bytes + command.most);
        break;
      case 'end':
        if (command.how === 'reset') client?.reset();
        else if (command.how === 'close') client?.socket.destroy();
        else client?.socket.end();
        break;
      case 'pass':
        await world.pass(command.time);
        break;
      case 'cut':
        await this.#configure(() => this.#put(users(this.#password, 'bob').slice(0, command.at)));
        break;
      case 'configure':
        await this.#change(command.what);
        break;
      case 'scrape':
        await this.#scrape();
        break;
      case 'event':
        assert.equal(await this.#answer(this.#post('whole')), 204);
    }
  }

  #as(who: 'alice' | 'a stranger' | undefined): string {
    if (who === undefined) return '';
    return who === 'alice' ? basic('alice', PASSWORDS[this.#password]!) : basic('mallory', 'guess');
  }

  #post(how: 'whole' | 'half' | 'huge' | 'expecting', length = EVENT.length): string {
    const head = `POST /events HTTP/1.1\r\nHost: localhost\r\n${this.#as('alice')}Content-Type: application/json\r\n`;
    if (how === 'huge')
      return `${head}Transfer-Encoding: chunked\r\n\r\n${'200000\r\n'}${'x'.repeat(0x200000)}\r\n`;
    const expecting = how === 'expecting' ? 'Expect: 100-continue\r\n' : '';
    const body = how === 'whole' ? EVENT : how === 'half' ? EVENT.slice(0, 9) : '';
    return `${head}${expecting}Content-Length: ${length}\r\n\r\n${body}`;
  }

  async #change(what: Extract<Command, { do: 'configure' }>['what']): Promise<void> {
    const now = this.#password;
    switch (what) {
      case 'empty':
        return this.#configure(() => this.#put(''));
      case 'no users below':
        return this.#configure(() => this.#put('basic_auth_users:\n'));
      case 'another section':
        return this.#configure(() => this.#put('http_server_config:\n  http2: true\n'));
      case 'no YAML':
        return this.#configure(() => this.#put('basic_auth_users: ['));
      case 'gone':
        return this.#configure(() => rmSync(this.#file, { force: true, recursive: true }));
      case 'a directory':
        return this.#configure(() => {
          rmSync(this.#file, { force: true, recursive: true });
          mkdirSync(this.#file);
        });
      case 'users':
        return this.#configure(() => this.#put(users(now)), true);
      case 'another user':
        return this.#configure(() => this.#put(users(now, 'bob')), true);
      case 'another password':
        this.#password = 1 - now;
        await this.#configure(() => this.#put(users(1 - now)), true);
        assert.equal(await this.#status(basic('alice', PASSWORDS[now]!)), 401, 'the password of before');
        return;
      case 'in words: nobody':
        return this.#configure(() => this.#put('basic_auth_users: {}\n'), false);
    }
  }

  /** @param expected whether users are asked for then; undefined: whether they are is not in the change's words */
  async #configure(change: () => void, expected?: boolean): Promise<void> {
    change();
    this.#world.reload();
    const before = this.#isProtected;
    this.#isProtected = expected ?? (before || this.#world.door.config.users.size > 0);
    assert.equal(await this.#status(''), this.#isProtected ? 401 : 200, 'a stranger');
    assert.equal(await this.#status(this.#as('alice')), 200, 'alice');
  }

  #put(text: string): void {
    rmSync(this.#file, { force: true, recursive: true });
    writeFileSync(`${this.#file}.new`, text);
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Of health, asked for from another address. */
  #status(more: string): Promise<number> {
    return this.#answer(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`);
  }

  async #answer(request: string): Promise<number> {
    const client = (await this.#world.client('127.0.0.9')).read();
    client.socket.write(request);
    await this.#answered(client, () => client.statuses.length > 0);
    client.reset();
    return client.statuses[0]!;
  }

  /** As Prometheus does: on the connection from before where it is still there, and once more if it ends. */
  async #scrape(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const fresh = this.#scraper === undefined || this.#scraper.isOver;
      if (fresh) this.#scraper = (await this.#world.client('127.0.0.1')).read();
      const scraper = this.#scraper!;
      const before = scraper.bytes;
      scraper.get('/metrics', this.#as('alice'));
      await this.#answered(scraper, () => scraper.isOver || scraper.bytes > before + TEXTS[0]!.length);
      if (!scraper.isOver) return;
      // Its last words, where there were some, are that the rules have changed.
      assert.ok(!fresh && attempt === 0, `the scraper was hung up on: ${scraper.text.slice(0, 300)}`);
    }
  }

  /** Within a second of the door's time. */
  async #answered(client: Client, wanted: () => boolean): Promise<void> {
    for (let time = 0; time <= 1000; time += 100) {
      // A thread and the system take their own time; only who waits for a slot needs the door's.
      for (let turn = 0; turn < 2000 && !wanted() && this.#nobodyWaits; turn++) await this.#world.settle(5);
      if (wanted()) return;
      await this.#world.pass(100);
    }
    const { purposes } = this.#world.traffic.status;
    assert.fail(`not answered in a second: ${client.text.slice(0, 300)} ${JSON.stringify(purposes)}`);
  }

  get #nobodyWaits(): boolean {
    return PURPOSES.every((purpose) => this.#world.waiting(purpose) === 0);
  }

  async #check(): Promise<void> {
    const { traffic } = this.#world;
    const off = () =>
      PURPOSES.filter(
        (purpose) => this.#world.active(purpose) + this.#world.waiting(purpose) !== this.#world.live(purpose),
      );
    await this.#until('slots are live requests', () => off().length === 0);
    for (const { active, limit, purpose } of traffic.status.purposes)
      assert.ok(active <= limit, `${active} ${purpose}`);
    assert.ok(traffic.connections.size <= MOST_CONNECTIONS);
  }

  /** Waits for what a thread or the system does in its own time; the door's doesn't move. */
  async #until(what: string, wanted: () => boolean): Promise<void> {
    for (let turn = 0; !wanted(); turn++) {
      if (turn === 2000) assert.fail(`not so: ${what}; ${JSON.stringify(this.#world.traffic.status)}`);
      await this.#world.settle(5);
    }
  }
}

function users(password: number, more?: string): string {
  const bob = more === undefined ? '' : `  ${more}: ${HASHES[0]}\n`;
  return `basic_auth_users:\n  alice: ${HASHES[password]}\n${bob}`;
}

test('whatever clients do, slots are live requests, the scraper is answered, protection stays', {
  timeout: 3_600_000,
}, async (t) => {
  t.diagnostic(`DOOR_SEED=${SEED}`);
  const property = fc.asyncProperty(scripts, async (script) => {
    const directory = temporary();
    const model = await Model.start(join(directory.path, 'web.yml'));
    try {
      await model.run(script);
    } finally {
      await model.stop();
      directory.remove();
    }
  });
  await fc.assert(property, {
    numRuns: RUNS,
    seed: SEED,
    examples: EXAMPLES.map((script) => [script]),
    includeErrorInReport: true,
  });
});
