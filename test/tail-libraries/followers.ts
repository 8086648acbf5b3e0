/** Whoever follows a file: each library and `tail -F` as a process of its own, and this exporter. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Exporter } from '../support/exporter.ts';

/** What a process has given so far. */
export interface Follower {
  /** How often it gave each line; what it made of bytes that are none is a line as well. */
  lines(): Promise<Map<string, number>>;
  stop(frozen: boolean): void;
  /** kill -9, and a start as one would make it. */
  again(): Promise<void>;
  close(): Promise<void>;
}

const FOLLOW = fileURLToPath(new URL('./follow.js', import.meta.url));
const require = createRequire(import.meta.url);
const version = (name: string) =>
  JSON.parse(
    readFileSync(
      join(require.resolve(name).split(`node_modules/${name}`)[0]!, 'node_modules', name, 'package.json'),
      'utf8',
    ),
  ).version;

/** By the heading of its column. */
export const FOLLOWERS: Record<string, (path: string, state: string) => Promise<Follower>> = {
  [`tail-file ${version('tail-file')}`]: (path) => program(process.execPath, [FOLLOW, 'tail-file', path]),
  [`@logdna/tail-file ${version('@logdna/tail-file')}`]: (path) =>
    program(process.execPath, [FOLLOW, '@logdna/tail-file', path]),
  [`tail ${version('tail')}`]: (path) => program(process.execPath, [FOLLOW, 'tail', path]),
  'tail -F': (path) => program('tail', ['-n', '+1', '-F', path], (text) => text),
  'this exporter': exporter,
};

async function program(
  command: string,
  args: string[],
  read: (text: string) => string = JSON.parse,
): Promise<Follower> {
  const given = new Map<string, number>();
  const start = (): ChildProcess => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const each of lines) given.set(read(each), (given.get(read(each)) ?? 0) + 1);
    });
    return child;
  };
  let child = start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    lines: async () => given,
    stop: (frozen) => void child.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    again: async () => {
      await kill();
      child = start();
    },
    close: kill,
  };
}

/** Its lines are the rules that it counted. */
async function exporter(path: string, state: string): Promise<Follower> {
  const flags = [`--input.file=${path}`, `--state.dir=${state}`];
  let running = await Exporter.start(flags);
  return {
    lines: async () => {
      const given = new Map<string, number>();
      for (const [sample, count] of await running.metrics()) {
        const rule = /^falco_events_total\{rule="([^"]*)"/.exec(sample)?.[1];
        if (rule && rule !== '__overflow__' && count > 0) given.set(line(rule), count);
      }
      const broken = (await running.metrics()).get('falco_exporter_lines_total{outcome="malformed"}');
      if (broken) given.set('malformed', broken);
      return given;
    },
    stop: (frozen) => void running.process.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    again: async () => {
      await running.end('SIGKILL');
      running = await Exporter.start(flags);
    },
    close: async () => void (await running.end('SIGKILL')),
  };
}

/** An event, which is a line to all of them. */
export function line(name: string): string {
  return `{"rule":"${name}","priority":"Error","source":"syscall","output_fields":{"container.name":"web"}}`;
}
