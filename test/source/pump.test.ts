import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Pump } from '../../src/source/inputs/pump.ts';

/** A pump with time in the test's hands, and what it called. */
class Setting {
  readonly calls: string[] = [];
  readonly halt = new AbortController();
  readonly pump: Pump;
  busy = false;
  /** What the first reading waits for. */
  caughtUp: Promise<void> = Promise.resolve();
  #now = 0;
  readonly #tick: (milliseconds: number) => void;

  constructor({ mock }: TestContext) {
    mock.timers.enable({ apis: ['setTimeout'] });
    this.#tick = (milliseconds) => mock.timers.tick(milliseconds);
    const call = (name: string) => () => void this.calls.push(name);
    const setting = this;
    this.pump = new Pump(
      {
        clock: { now: () => this.#now, monotonic: () => this.#now },
        source: {
          catchUp: () => this.caughtUp,
          look: async () => false,
          get busy() {
            return setting.busy;
          },
          search: async () => false,
        },
        ...{
          caughtUp: call('caughtUp'),
          ready: call('ready'),
          looked: call('looked'),
          failed: call('failed'),
        },
      },
      this.halt.signal,
    );
  }

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    this.#tick(milliseconds);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  get looks(): number {
    return this.calls.filter((call) => call === 'looked').length;
  }
}

test('however often it is hinted, it looks no more often than each 50 ms, and each 250 ms without', async (t) => {
  const setting = new Setting(t);
  setting.pump.start();
  await setting.pass(0);
  assert.deepEqual(setting.calls, ['caughtUp', 'looked', 'ready']);
  for (let n = 0; n < 49; n++) {
    setting.pump.hint();
    await setting.pass(1);
  }
  assert.equal(setting.looks, 1);
  await setting.pass(1);
  assert.equal(setting.looks, 2);
  await setting.pass(249);
  assert.equal(setting.looks, 2);
  await setting.pass(1);
  assert.equal(setting.looks, 3);
  setting.halt.abort();
  await setting.pump.stopped();
});

test('ended while it reads what was there, it has caught up with what it read, and is not ready', async (t) => {
  const setting = new Setting(t);
  let finish: () => void = () => undefined;
  setting.caughtUp = new Promise((resolve) => (finish = resolve));
  setting.pump.start();
  await setting.pass(0);
  setting.halt.abort();
  finish();
  await setting.pump.stopped();
  assert.deepEqual(setting.calls, ['caughtUp']);
});

test('a look that gets no answer hangs after 10 s; one that gets answers does not, however long it takes', async (t) => {
  const setting = new Setting(t);
  let finish: () => void = () => undefined;
  setting.caughtUp = new Promise((resolve) => (finish = resolve));
  setting.pump.start();
  await setting.pass(9000);
  setting.pump.progress('look');
  await setting.pass(9000);
  assert.equal(setting.pump.hanging, undefined);
  await setting.pass(1001);
  assert.equal(setting.pump.hanging, 'look');
  finish();
  await setting.pass(0);
  assert.equal(setting.pump.hanging, undefined);
  setting.halt.abort();
  await setting.pump.stopped();
});
