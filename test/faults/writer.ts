/**
 * Writes Falco's events to a file and rotates it in one way, as fast as a busy host does. At its end it prints how many
 * lines of each rule it wrote. Arguments: path, way, seed, milliseconds.
 */
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { randomFrom } from './random.ts';

const [path, way, seed, duration] = process.argv.slice(2) as [string, string, string, string];
const random = randomFrom(Number(seed));
const truth: Record<string, number> = {};
const pods = join(dirname(dirname(path)), 'pods');
let number = 0;
let rotations = 0;
let target = path;
let fd = -1;

function open(): void {
  if (fd >= 0) fs.closeSync(fd);
  fd = fs.openSync(target, 'a');
}

function event(): string {
  const rule = `R${random(5)}`;
  truth[rule] = (truth[rule] ?? 0) + 1;
  const time = `2026-11-23T14:11:55.${String(number++).padStart(9, '0')}Z`;
  const pad = random(20) === 0 ? 'x'.repeat(way === 'docker' || way === 'cri' ? 40_000 : 3000) : '';
  const fields = { 'container.name': 'web', pad };
  return JSON.stringify({ time, rule, priority: 'Error', source: 'syscall', output_fields: fields });
}

/** A line as the runtime would write it. */
function wrapped(line: string): string {
  const time = '2026-11-23T14:11:55.137513955Z';
  if (way !== 'docker' && way !== 'cri') return `${line}\n`;
  const pieces = line.match(/.{1,16384}/gs)!;
  const noise = random(10) === 0;
  return pieces
    .map((piece, index) => {
      const last = index === pieces.length - 1;
      const both =
        way === 'docker' ? docker(last ? `${piece}\n` : piece, 'stdout') : cri('stdout', piece, last);
      return noise
        ? both + (way === 'docker' ? docker('noise\n', 'stderr') : cri('stderr', 'noise', true))
        : both;
    })
    .join('');

  function docker(log: string, stream: string): string {
    return `${JSON.stringify({ log, stream, time })}\n`;
  }
  function cri(stream: string, piece: string, last: boolean): string {
    return `${time} ${stream} ${last ? 'F' : 'P'} ${piece}\n`;
  }
}

function write(text: string): void {
  if (random(10) > 0 || way === 'copytruncate') {
    fs.writeSync(fd, text);
    return;
  }
  const cut = 1 + random(text.length - 1);
  fs.writeSync(fd, text.slice(0, cut));
  // Half a line stands there for a while, and sometimes the file is renamed under it.
  const rotated = random(2) === 0;
  if (rotated) rotate(false);
  fs.writeSync(fd, text.slice(cut));
  // What is compressed at the next rotation must not be written to any more.
  if (rotated && way === 'gzip') open();
}

function shift(): void {
  for (let n = 9; n >= 1; n--)
    for (const end of ['', '.gz'])
      if (fs.existsSync(`${target}.${n}${end}`))
        fs.renameSync(`${target}.${n}${end}`, `${target}.${n + 1}${end}`);
}

function compress(file: string): void {
  if (!fs.existsSync(file)) return;
  const { atime, mtime } = fs.statSync(file);
  fs.writeFileSync(`${file}.gz`, gzipSync(fs.readFileSync(file)));
  fs.utimesSync(`${file}.gz`, atime, mtime);
  fs.rmSync(file);
}

/** @param whole whether the writer goes over to the new file at once */
function rotate(whole: boolean): void {
  if (!fs.existsSync(target)) return;
  rotations++;
  // Where many are kept none is lost: the tenth would fall off the end.
  if (rotations > 9 && way !== 'dated') return;
  switch (way) {
    case 'copytruncate':
      shift();
      fs.copyFileSync(target, `${target}.1`);
      fs.truncateSync(target);
      return;
    case 'dated':
      fs.renameSync(
        target,
        join(dirname(target), `events-20261123-${String(rotations).padStart(6, '0')}.json`),
      );
      break;
    case 'gzip':
      shift();
      fs.renameSync(target, `${target}.1`);
      compress(`${target}.2`);
      break;
    case 'link': {
      // What a link names before anybody has looked is not known to be its target.
      const state = join(dirname(dirname(path)), 'state', 'snapshot.json');
      if (!whole || !fs.existsSync(state) || !fs.readFileSync(state, 'utf8').includes(pods)) return;
      target = join(pods, `${rotations}.log`);
      fs.writeFileSync(target, '');
      fs.symlinkSync(target, `${path}.next`);
      fs.renameSync(`${path}.next`, path);
      break;
    }
    case 'absent':
      shift();
      fs.renameSync(target, `${target}.1`);
      return;
    default:
      shift();
      fs.renameSync(target, `${target}.1`);
  }
  if (whole) open();
  else fs.closeSync(fs.openSync(target, 'a'));
}

if (way === 'link') {
  fs.mkdirSync(pods, { recursive: true });
  target = join(pods, '0.log');
  fs.writeFileSync(target, '');
  fs.symlinkSync(target, path);
}
open();
const end = Date.now() + Number(duration);
const twice = way !== 'link';
while (Date.now() < end) {
  for (let n = random(20); n >= 0; n--) write(wrapped(event()));
  if (random(way === 'link' ? 40 : 12) === 0) {
    rotate(true);
    // Two rotations between two looks.
    if (twice && way !== 'absent' && random(3) === 0) {
      write(wrapped(event()));
      rotate(true);
    }
  } else if (way === 'absent' && !fs.existsSync(target)) open();
  else if (random(6) === 0) open();
  await new Promise((resolve) => setTimeout(resolve, random(20)));
}
process.stdout.write(JSON.stringify(truth));
