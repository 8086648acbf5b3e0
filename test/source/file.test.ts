/** Cases of the file source by hand, where the model does not reach: wrapped lines, faults, descriptors and watches. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GRACE, inSetting } from './setting.ts';

const TIME = '2026-11-23T14:11:55.137513955Z';
const cri = (tag: 'P' | 'F', text: string) => `${TIME} stdout ${tag} ${text}\n`;

test('a wrapped line whose pieces stand in two files is whole', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append(cri('F', 'one') + cri('P', 'two-'));
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.1`);
    setting.append(cri('F', 'two') + cri('P', 'three-'));
    fs.renameSync(setting.path, `${setting.path}.0`);
    fs.renameSync(`${setting.path}.1`, `${setting.path}.2`);
    fs.renameSync(`${setting.path}.0`, `${setting.path}.1`);
    setting.append(cri('F', 'three'));
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'two-two', 'three-three']);
    await source.close();
  }));

test('a wrapped line that copytruncate cuts between its pieces is whole', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append(cri('F', 'one'));
    await source.settle();
    setting.append(cri('P', 'two-'));
    fs.copyFileSync(setting.path, `${setting.path}.1`);
    fs.truncateSync(setting.path);
    setting.append(cri('F', 'two'));
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'two-two']);
    await source.close();
  }));

const docker = (log: string, second = 0) =>
  `${JSON.stringify({ log, stream: 'stdout', time: TIME.replace('55', String(10 + second)) })}\n`;

for (const rotations of [2, 3])
  for (const seen of ['each seen', 'none seen', 'killed in between', 'killed between files', 'down over two'])
    test(`a line of Docker's in pieces over ${rotations} rotations is whole, ${seen}: all begin alike`, () =>
      inSetting(async (setting) => {
        let source = setting.file();
        const piece = 'x'.repeat(16_384);
        setting.append(docker('one\n') + docker(piece));
        await source.settle();
        const restart = async () => {
          const saved = structuredClone(source.positions());
          await source.close();
          source = setting.file({ saved });
          await source.settle();
        };
        for (let rotation = 0; rotation < rotations; rotation++) {
          for (let n = rotation; n > 0; n--)
            fs.renameSync(`${setting.path}.${n}`, `${setting.path}.${n + 1}`);
          fs.renameSync(setting.path, `${setting.path}.1`);
          if (seen === 'killed between files' || (seen === 'down over two' && rotation > 0)) await restart();
          setting.append(docker(rotation === rotations - 1 ? `${piece}\n` : piece, rotation + 1));
          if (seen === 'none seen' || (seen === 'down over two' && rotation === 0)) continue;
          await source.settle();
          setting.now += 2000;
          if (seen === 'killed in between') await restart();
        }
        setting.append(docker('last\n'));
        for (let turn = 0; turn < 5; turn++) {
          await source.settle();
          setting.now += GRACE;
        }
        const lengths = setting.lines.map((line) => line.length);
        assert.deepEqual(lengths, [3, piece.length * (rotations + 1), 4]);
        assert.equal(setting.incidents.includes('gaps'), false);
        await source.close();
      }));

test('files that begin with the same KiB are different files: one line alone tells', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    const lines = Array.from({ length: 6 }, (_, n) => `${'x'.repeat(3000)} ${n}`);
    for (const [n, line] of lines.entries()) {
      setting.append(`${line}\n`);
      await source.settle();
      if (n % 2 === 0) fs.renameSync(setting.path, `${setting.path}-${n}`);
      setting.now += GRACE;
    }
    await source.settle();
    assert.deepEqual(setting.lines, lines);
    await source.close();
  }));

test('a hole that copytruncate leaves to a writer that does not append hides no line, each time anew', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    const lines = Array.from({ length: 8 }, (_, n) => `${n}`);
    let offset = 0;
    for (const [n, line] of lines.entries()) {
      const fd = fs.openSync(setting.path, fs.existsSync(setting.path) ? 'r+' : 'w');
      offset += fs.writeSync(fd, `${line}${' '.repeat(2000)}\n`, offset);
      fs.closeSync(fd);
      await source.settle();
      if (n % 2 === 1) {
        fs.copyFileSync(setting.path, `${setting.path}-${n}`);
        fs.truncateSync(setting.path);
      }
      setting.now += GRACE;
      await source.settle();
    }
    assert.deepEqual(
      setting.lines.map((line) => line.replaceAll('\0', '').trim()),
      lines,
    );
    await source.close();
  }));

for (const [title, names] of Object.entries({
  'random words': ['events-kxz.json', 'events-qqw.json', 'events-lma.json'],
  UUIDs: [
    'events.json.0b2f3c44-5d6e-4f70-8a91',
    'events.json.77aac1f0-1111-4aaa-bbbb',
    'events.json.c0ffee00-a',
  ],
  'dates before two extensions': [
    'events-2026-11-23.json.log',
    'events-2026-11-24.json.log',
    'events-2026-11-25.json.log',
  ],
}))
  test(`rotated files whose names are ${title} are told by content, and one of which nothing was read by its like`, () =>
    inSetting(async (setting) => {
      const path = title.startsWith('dates') ? `${setting.path}.log` : setting.path;
      const names_ = names.map((name) => join(setting.directory.path, name));
      let source = setting.file({ files: [path] });
      fs.writeFileSync(join(setting.directory.path, 'events-other.json'), 'somebody else’s\n');
      fs.writeFileSync(path, 'one\n');
      await source.settle();
      const saved = structuredClone(source.positions());
      await source.close();
      fs.appendFileSync(path, 'two\n');
      fs.renameSync(path, names_[0]!);
      fs.writeFileSync(path, 'three\n');
      fs.renameSync(path, names_[1]!);
      fs.writeFileSync(path, 'four\n');
      source = setting.file({ files: [path], saved });
      await source.settle();
      fs.renameSync(path, names_[2]!);
      fs.writeFileSync(path, 'five\n');
      await source.settle();
      assert.deepEqual([...setting.lines].sort(), ['one', 'two', 'three', 'four', 'five'].sort());
      assert.equal(setting.incidents.includes('gaps'), false);
      await source.close();
    }));

test('a file beside the input that nobody rotated here is told once, whoever looks, and not read', () =>
  inSetting(async (setting) => {
    let source = setting.file();
    setting.append('one\n');
    await source.settle();
    const other = join(setting.directory.path, 'events-other.json');
    fs.writeFileSync(other, 'somebody else’s\n');
    await source.settle();
    assert.equal(setting.notices.length, 1);
    for (const more of ['more\n', 'and more\n']) {
      const saved = structuredClone(source.positions());
      await source.close();
      fs.appendFileSync(other, more);
      source = setting.file({ saved });
      await source.settle();
    }
    assert.equal(setting.notices.length, 1);
    assert.deepEqual(setting.lines, ['one']);
    const saved = structuredClone(source.positions());
    await source.close();
    // As an input of its own it is read from its beginning.
    source = setting.file({ saved, files: [setting.path, other] });
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'somebody else’s', 'more', 'and more']);
    await source.close();
  }));

test('reading of a compressed file stops with the piece at hand', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('first\n');
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.2`);
    fs.writeFileSync(`${setting.path}.1.gz`, gzipSync('x\n'.repeat(4_000_000)));
    setting.append('last\n');
    setting.taken = () => setting.halt.abort();
    await source.settle();
    assert.ok(setting.lines.length < 1_000_000);
    await source.close();
  }));

test('a damaged compressed file is a gap, once, and does not hold up the rest', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('first\n');
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.2`);
    const zipped = gzipSync(Array.from({ length: 20_000 }, (_, n) => `${Math.sin(n)}\n`).join(''));
    fs.writeFileSync(`${setting.path}.1.gz`, zipped.subarray(0, zipped.length / 2));
    setting.append('last\n');
    await source.settle();
    await source.settle();
    assert.equal(setting.lines.at(-1), 'last');
    assert.equal(setting.incidents.filter((incident) => incident === 'gaps').length, 1);
    fs.renameSync(setting.path, `${setting.path}.0`);
    const before = setting.lines.length;
    setting.append('again\n');
    await source.settle();
    assert.equal(setting.lines.length, before + 1);
    assert.equal(setting.incidents.filter((incident) => incident === 'gaps').length, 1);
    await source.close();
  }));

test('of a compressed file with a wrong checksum all lines are read, the last too', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('first\n');
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.2`);
    const zipped = gzipSync(Array.from({ length: 2000 }, (_, n) => `${Math.sin(n)}\n`).join(''));
    zipped[zipped.length - 6]! ^= 0xff;
    fs.writeFileSync(`${setting.path}.1.gz`, zipped);
    setting.append('last\n');
    await source.settle();
    await source.settle();
    assert.equal(setting.lines.length, 2002);
    await source.close();
  }));

test('after hundreds of rotations no descriptor and no watch is left over', () =>
  inSetting(async (setting) => {
    const watches = () => process.getActiveResourcesInfo().filter((each) => each === 'FSEventWrap').length;
    const before = watches();
    const source = setting.file();
    for (let n = 0; n < 300; n++) {
      setting.append(`${n}\n`);
      await source.settle();
      fs.renameSync(setting.path, `${setting.path}.1`);
      if (n % 3 === 0) await source.settle();
      setting.now += GRACE / 2;
    }
    setting.append('last\n');
    await source.settle();
    setting.now += GRACE;
    await source.settle();
    assert.equal(setting.lines.length, 301);
    assert.deepEqual(setting.open(), [setting.path]);
    assert.ok(watches() <= before + 1);
    await source.close();
    assert.deepEqual(setting.open(), []);
  }));

test('what stands there and is not counted yet is the lag', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('whole\npart');
    await source.settle();
    assert.equal(source.statuses()[0]!.lag, 4);
    setting.append('ly\n');
    await source.settle();
    assert.equal(source.statuses()[0]!.lag, 0);
    await source.close();
  }));

test('a first start at the end reads only what comes', () =>
  inSetting(async (setting) => {
    setting.append('old\nhalf of');
    const source = setting.file({ start: 'end' });
    await source.catchUp();
    setting.append(' one\nnew\n');
    await source.settle();
    assert.deepEqual(setting.lines, ['half of one', 'new']);
    await source.close();
  }));

test('a directory or a missing file is said, and read once it is a file', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    await source.settle();
    assert.equal(source.statuses()[0]!.fault?.code, 'INPUT_MISSING');
    fs.mkdirSync(setting.path);
    await source.settle();
    assert.equal(source.statuses()[0]!.fault?.code, 'INPUT_NOT_A_FILE');
    fs.rmdirSync(setting.path);
    setting.append('one\n');
    await source.settle();
    assert.equal(source.statuses()[0]!.up, true);
    assert.deepEqual(setting.lines, ['one']);
    await source.close();
  }));

test('a volume that is away for a while brings nothing twice', () =>
  inSetting(async (setting) => {
    const volume = join(setting.directory.path, 'volume');
    const path = join(volume, 'events.json');
    fs.mkdirSync(volume);
    fs.writeFileSync(`${path}.1`, 'old\n');
    fs.writeFileSync(path, 'one\n');
    const source = setting.file({ files: [path] });
    await source.settle();
    fs.renameSync(volume, `${volume}.away`);
    await source.settle();
    fs.mkdirSync(volume);
    await source.settle();
    fs.rmdirSync(volume);
    // Mounted again: the same contents in other files.
    fs.cpSync(`${volume}.away`, volume, { recursive: true });
    fs.appendFileSync(path, 'two\n');
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'two']);
    await source.close();
  }));

test('a pattern lets go of a file that is deleted, with what is left of it, and begins it anew', () =>
  inSetting(async (setting) => {
    const source = setting.glob();
    setting.append('one\nlast without its end');
    await source.catchUp();
    await source.settle();
    fs.rmSync(setting.path);
    await source.settle();
    setting.now += GRACE;
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'last without its end']);
    assert.deepEqual(setting.open(), []);
    assert.equal(source.statuses()[0]!.fault?.code, 'INPUT_MISSING');
    setting.append('two\n');
    setting.now += 1000;
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'last without its end', 'two']);
    await source.close();
  }));

test('of a path that a pattern finds late its rotated files are news too, at a restart as well', () =>
  inSetting(async (setting) => {
    let source = setting.glob();
    await source.catchUp();
    const saved = source.positions();
    await source.close();
    source = setting.glob(saved);
    fs.writeFileSync(`${setting.path}.1`, 'one\n');
    setting.append('two\n');
    await source.catchUp();
    await source.settle();
    assert.deepEqual(setting.lines.sort(), ['one', 'two']);
    await source.close();
  }));

test('one line that was counted before says nothing of the file that it stands in: pieces of Docker’s are alike', () =>
  inSetting(async (setting) => {
    let source = setting.file();
    const piece = docker('x'.repeat(16_384));
    setting.append(docker('one\n') + piece);
    await source.settle();
    const saved = structuredClone(source.positions());
    await source.close();
    fs.renameSync(setting.path, `${setting.path}.1`);
    setting.append(piece + docker('y\n', 1));
    source = setting.file({ saved });
    for (let turn = 0; turn < 3; turn++) {
      await source.settle();
      setting.now += GRACE;
    }
    assert.deepEqual(
      setting.lines.map((line) => line.length),
      [3, 2 * 16_384 + 1],
    );
    await source.close();
  }));

test('rotated files of a pattern whose paths never come back keep no other file from being read', () =>
  inSetting(async (setting) => {
    const files = [join(setting.directory.path, '*.json')];
    const source = setting.file({ files, mostOpen: 3 });
    const expected: string[] = [];
    for (let n = 0; n < 8; n++) {
      const path = join(setting.directory.path, `pod-${n}x.json`);
      fs.writeFileSync(path, `${n}\n`);
      expected.push(`${n}`);
      for (let turn = 0; turn < 3; turn++) {
        await source.settle();
        setting.now += GRACE + 1;
      }
      fs.renameSync(path, `${path}.gone`);
    }
    assert.deepEqual(setting.lines, expected);
    assert.ok(setting.open().length <= 3);
    assert.equal(setting.incidents.includes('gaps'), false);
    await source.close();
  }));

test('a start among copies of one file says no fault of those that it leaves aside', () =>
  inSetting(async (setting) => {
    setting.append('one\n');
    let source = setting.glob();
    await source.catchUp();
    const saved = structuredClone(source.positions());
    await source.close();
    for (const name of ['copy', 'z-copy'])
      fs.copyFileSync(setting.path, join(setting.directory.path, `${name}.json`));
    source = setting.glob(saved);
    await source.catchUp();
    await source.settle();
    assert.deepEqual(source.statuses()[0]?.fault, undefined);
    assert.deepEqual(setting.lines, ['one']);
    await source.close();
  }));

test('a file of a pattern that cannot be read is said, and keeps no other from being read', () =>
  inSetting(async (setting) => {
    // Its reads give EIO.
    fs.symlinkSync('/proc/self/mem', join(setting.directory.path, 'a.json'));
    setting.append('one\n');
    const source = setting.glob();
    const before = setting.open().length;
    await source.catchUp();
    await source.settle();
    setting.append('two\n');
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'two']);
    assert.equal(source.statuses()[0]?.fault?.code, 'INPUT_UNREADABLE');
    assert.equal(setting.open().length, before + 1);
    await source.close();
  }));

test('a rotated file that cannot be read may be the one that is looked for: one gap, not two', () =>
  inSetting(async (setting) => {
    let source = setting.file();
    setting.append('one\n');
    await source.settle();
    const saved = structuredClone(source.positions());
    await source.close();
    fs.rmSync(setting.path);
    // Its reads give EIO.
    fs.symlinkSync('/proc/self/mem', `${setting.path}.1`);
    setting.append('two\n');
    source = setting.file({ saved });
    for (let turn = 0; turn < 4; turn++) {
      await source.settle();
      setting.now += GRACE;
    }
    assert.deepEqual(setting.lines, ['one', 'two']);
    assert.deepEqual(setting.incidents.filter((incident) => incident === 'gaps').length, 1);
    await source.close();
  }));

test('a copy that was made before is no file that was cut, though it is looked into first', () =>
  inSetting(async (setting) => {
    let source = setting.glob();
    setting.append('one\ntwo\nthree\nfour\n'.replaceAll('\n', ` ${'x'.repeat(300)}\n`));
    await source.settle();
    const saved = structuredClone(source.positions());
    await source.close();
    const whole = fs.readFileSync(setting.path);
    const copy = join(setting.directory.path, 'a.json');
    fs.writeFileSync(copy, whole.subarray(0, whole.indexOf('three')));
    source = setting.glob(saved);
    await source.settle();
    fs.writeFileSync(copy, whole);
    for (let turn = 0; turn < 3; turn++) {
      await source.settle();
      setting.now += GRACE;
    }
    assert.deepEqual(
      setting.lines.map((line) => line.split(' ')[0]),
      ['one', 'two', 'three', 'four'],
    );
    await source.close();
  }));

test('a copy of all that was counted, looked into first, does not take the place of the file', () =>
  inSetting(async (setting) => {
    let source = setting.glob();
    const line = (name: string) => `${name} ${'x'.repeat(300)}\n`;
    setting.append(line('one') + line('two'));
    await source.settle();
    const saved = structuredClone(source.positions());
    await source.close();
    fs.copyFileSync(setting.path, join(setting.directory.path, 'a.json'));
    setting.append(line('three'));
    source = setting.glob(saved);
    for (let turn = 0; turn < 3; turn++) {
      await source.settle();
      setting.now += GRACE;
    }
    assert.deepEqual(
      setting.lines.map((each) => each.split(' ')[0]),
      ['one', 'two', 'three'],
    );
    await source.close();
  }));

test('what is left of a file that was cut is not counted again, and what comes then is', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append(Array.from({ length: 10 }, (_, n) => `${n} ${'x'.repeat(265)}\n`).join(''));
    await source.settle();
    fs.truncateSync(setting.path, 268 * 5);
    await source.settle();
    setting.append('new\n');
    await source.settle();
    assert.equal(setting.lines.length, 11);
    await source.close();
  }));

test('a file that was silent for long before it is renamed has its grace time all the same: its writer finishes late', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('one\n');
    await source.settle();
    setting.now += 10 * GRACE;
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.1`);
    setting.append('two\n');
    await source.settle();
    assert.ok(setting.open().includes(`${setting.path}.1`), 'it is still open');
    fs.appendFileSync(`${setting.path}.1`, 'late\n');
    await source.settle();
    assert.deepEqual(setting.lines.sort(), ['late', 'one', 'two']);
    setting.now += GRACE;
    await source.settle();
    assert.deepEqual(setting.open(), [setting.path]);
    await source.close();
  }));

test('a pattern matches names that begin with a dot', () =>
  inSetting(async (setting) => {
    fs.writeFileSync(join(setting.directory.path, '.falco.json'), 'one\n');
    const source = setting.glob();
    await source.catchUp();
    await source.settle();
    assert.deepEqual(setting.lines, ['one']);
    await source.close();
  }));

test('while a file is being compressed beside itself the unfinished one is no gap', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('one\n');
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.1`);
    // Of a kind that nothing here reads: it can't be looked into at all.
    fs.writeFileSync(`${setting.path}.1.bz2`, 'BZh9');
    setting.append('two\n');
    await source.settle();
    assert.deepEqual([setting.lines.sort(), setting.incidents], [['one', 'two'], ['rotations']]);
    await source.close();
  }));
