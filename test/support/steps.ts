/** What happens in a scenario, one step after another; paths are those of the scene's directory. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Scene, StartOptions } from './scene.ts';

export type Step = (scene: Scene) => void | Promise<void>;

export async function run(scene: Scene, steps: readonly Step[]): Promise<void> {
  // No wait between two steps that need none: what follows at once happens at once.
  for (const step of steps) {
    const done = step(scene);
    if (done) await done;
  }
}

// ---- the process

export const start =
  (options: StartOptions = {}): Step =>
  (scene) =>
    scene.start(options);
export const kill: Step = (scene) => scene.kill();
export const end: Step = (scene) => scene.end();
/** What the way says happens here: see `WAYS`. */
export const moment: Step = (scene) => scene.moment();
/** All that was written is counted; where it is down or stopped, nothing is waited for. */
export const counted: Step = (scene) => (scene.down ? undefined : scene.counted());
/** The same, and a kill -9 now forgets none of it: for what can't be read again afterwards. */
export const saved: Step = async (scene) => {
  if (scene.down) return;
  await scene.counted();
  await scene.saved();
};
export const answers =
  (path: string, status: number, body?: RegExp): Step =>
  (scene) =>
    scene.answers(path, status, body);
export const looked: Step = (scene) => scene.looked();
export const logged =
  (what: RegExp): Step =>
  (scene) =>
    scene.logged(what);

// ---- events

/** Appends so many events, opening the file for them. @param pad bytes that each is longer */
export const write =
  (file: string, events: number, pad = 0): Step =>
  (scene) => {
    let text = '';
    for (let n = 0; n < events; n++) text += `${scene.event(file, pad)}\n`;
    scene.append(file, text);
  };
/** Appends what `text` makes of the scene's events. */
export const append =
  (file: string, text: (event: (pad?: number) => string, scene: Scene) => string | Buffer): Step =>
  (scene) =>
    scene.append(
      file,
      text((pad) => scene.event(file, pad), scene),
    );
/** Something of a step's own, for each scene: the same steps run in several at once. */
export function perScene<Value extends object>(make: () => Value): (scene: Scene) => Value {
  const values = new WeakMap<Scene, Value>();
  return (scene) => {
    const value = values.get(scene) ?? make();
    values.set(scene, value);
    return value;
  };
}
/** The first part of an event now, the rest with the next. */
export function halves(file: string): [first: Step, second: Step] {
  const line = perScene(() => ({ rest: '' }));
  return [
    (scene) => {
      const text = `${scene.event(file)}\n`;
      line(scene).rest = text.slice(40);
      scene.append(file, text.slice(0, 40));
    },
    (scene) => scene.append(file, line(scene).rest),
  ];
}
const fated =
  (fate: Scene['fate']) =>
  (...steps: Step[]): Step =>
  async (scene) => {
    const before = scene.fate;
    scene.fate = fate;
    await run(scene, steps);
    scene.fate = before;
  };
/** What is written in these may be missing, if a gap is counted. */
export const risky = fated('risky');
/** What is written in these is never counted. */
export const old = fated('old');
/** What is written in these is counted at most once. */
export const free = fated('free');

// ---- files

const changing =
  <Args extends unknown[]>(change: (scene: Scene, ...args: Args) => void) =>
  (...args: Args): Step =>
  (scene) => {
    change(scene, ...args);
    scene.changed();
  };

export const rename = changing((scene, from: string, to: string) => {
  fs.mkdirSync(dirname(scene.at(to)), { recursive: true });
  fs.renameSync(scene.at(from), scene.at(to));
});
export const copy = changing((scene, from: string, to: string) => {
  fs.mkdirSync(dirname(scene.at(to)), { recursive: true });
  fs.copyFileSync(scene.at(from), scene.at(to));
});
export const remove = changing((scene, path: string) =>
  fs.rmSync(scene.at(path), { recursive: true, force: true }),
);
/** An empty file, where none is. */
export const create = changing((scene, path: string) => {
  fs.mkdirSync(dirname(scene.at(path)), { recursive: true });
  fs.closeSync(fs.openSync(scene.at(path), 'a'));
});
export const mkdir = changing((scene, path: string) => fs.mkdirSync(scene.at(path), { recursive: true }));
export const hardLink = changing((scene, from: string, to: string) =>
  fs.linkSync(scene.at(from), scene.at(to)),
);
/** A symbolic link, replaced at once where there is one. @param target as it stands in the link */
export const symlink = changing((scene, target: string, path: string) => {
  fs.symlinkSync(target, `${scene.at(path)}.next`);
  fs.renameSync(`${scene.at(path)}.next`, scene.at(path));
});
export const truncate = changing((scene, path: string, size: number | ((size: number) => number)) => {
  const now = fs.statSync(scene.at(path)).size;
  fs.truncateSync(scene.at(path), typeof size === 'number' ? size : size(now));
});
/** In place, as `sh -c '… > t; cat t > f'` does. */
export const rewrite = changing((scene, path: string, change: (lines: string[]) => string[]) => {
  const lines = fs.readFileSync(scene.at(path), 'utf8').split(/(?<=\n)/);
  fs.writeFileSync(scene.at(path), change(lines).join(''));
});
export const gzip = changing((scene, path: string) => {
  const to = `${path}.gz`;
  fs.writeFileSync(scene.at(to), gzipSync(fs.readFileSync(scene.at(path))));
  const { atime, mtime } = fs.statSync(scene.at(path));
  fs.utimesSync(scene.at(to), atime, mtime);
  fs.rmSync(scene.at(path));
});
/** By the program of that name, which removes what it compressed. */
export const compress = changing((scene, program: 'zstd' | 'xz' | 'bzip2', path: string) => {
  execFileSync(program, [...(program === 'zstd' ? ['--rm', '-q'] : []), scene.at(path)]);
});
/** Sets a file's times. @param seconds from now */
export const touch = changing((scene, path: string, seconds: number) => {
  const time = Date.now() / 1000 + seconds;
  fs.utimesSync(scene.at(path), time, time);
});
export const chmod = changing((scene, path: string, mode: number) => fs.chmodSync(scene.at(path), mode));
export const chown = changing((scene, path: string, uid: number) => fs.chownSync(scene.at(path), uid, uid));
export const fifo = changing((scene, path: string) => {
  execFileSync('mkfifo', [scene.at(path)]);
});
/** A shell command in the directory. @throws if it fails */
export const shell = changing((scene, command: string) => {
  const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: scene.directory, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
});
