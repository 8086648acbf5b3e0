/** What is on disk when no time has passed: a process that is killed at that moment goes on from it. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { App } from '../../src/app/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/log/log.ts';
import { eventually } from '../prometheus/program.ts';
import { temporary } from '../support/exporter.ts';

const line = (rule: string) => `{"rule":"${rule}","priority":"Error","time":"2026-11-26T06:30:00Z"}\n`;

class Scene {
  readonly directory: string;
  readonly input: string;
  /** Milliseconds that the clock is ahead. */
  ahead = 0;
  #app: App | undefined;

  constructor(context: TestContext) {
    const { path, remove } = temporary();
    this.directory = path;
    this.input = join(path, 'events.json');
    // Snapshots that are written every ten seconds come in no test.
    context.mock.timers.enable({ apis: ['setInterval'] });
    context.after(async () => {
      await this.#app?.stop();
      remove();
    });
  }

  async start(state = 'state'): Promise<void> {
    this.#app = await App.start({
      config: loadConfig(
        {
          'input.file': this.input,
          'state.dir': join(this.directory, state),
          'web.listen-address': '127.0.0.1:0',
        },
        {},
      ),
      clock: { now: () => Date.now() + this.ahead, monotonic: () => performance.now() + this.ahead },
      log: createLogger({ level: 'error', format: 'logfmt' }, () => undefined),
      build: { version: '0', revision: '0' },
      environment: {},
      stdin: new PassThrough(),
    });
  }

  /** Goes on from the snapshot of now, as after a kill -9. The process before stops, too late to matter. */
  async killAndStart(): Promise<void> {
    cpSync(join(this.directory, 'state/snapshot.json'), join(this.directory, 'copy/snapshot.json'));
    await this.#app?.stop();
    await this.start('copy');
  }

  get snapshot(): string {
    const path = join(this.directory, 'state/snapshot.json');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async metric(name: string): Promise<number> {
    const { port } = this.#app!.addresses[0] as { port: number };
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const found = text.split('\n').find((sample) => sample.startsWith(`${name}{input="${this.input}"} `));
    return Number(found?.split(' ').at(-1));
  }

  /** The snapshot on disk counts so many rotations. */
  async kept(rotations: number): Promise<void> {
    const family = `["falco_exporter_rotations_total",{"labels":["input"],"series":[[["${this.input}"],${rotations},`;
    await eventually('a snapshot', async () => this.snapshot.includes(family) || undefined, 20);
  }
}

test('what the very first start found is kept as soon as it is read', async (context) => {
  const scene = new Scene(context);
  writeFileSync(scene.input, line('before'));
  await scene.start();
  await eventually('a snapshot', async () => scene.snapshot.includes('"before"') || undefined, 20);
});

test('a rotation is kept at once, and a file before it is let go: when it is deleted then, nothing is missed', async (context) => {
  const scene = new Scene(context);
  writeFileSync(scene.input, line('first'));
  await scene.start();
  await scene.kept(0);
  renameSync(scene.input, `${scene.input}.1`);
  writeFileSync(scene.input, line('second'));
  await scene.kept(1);
  await eventually('the count of the second', async () => {
    // A scrape has all that is counted kept.
    await scene.metric('falco_exporter_gaps_total');
    return scene.snapshot.includes('"second"') || undefined;
  });
  const { snapshot } = scene;
  // Nobody writes to it any more.
  scene.ahead = 60_000;
  await eventually('another snapshot', async () => scene.snapshot !== snapshot || undefined, 20);
  rmSync(`${scene.input}.1`);
  await scene.killAndStart();
  assert.equal(await scene.metric('falco_exporter_gaps_total'), 0);
  assert.equal(await scene.metric('falco_exporter_rotations_total'), 1);
});
