/** Which file is it? Cases by hand of files that are cut, copied, and rotated to names that say nothing. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { GRACE, inSetting } from './setting.ts';

/** A pattern is looked up again after this, in milliseconds. */
const LOOKED_UP = 6000;

const event = (n: number) => `{"n":${n},"output":"${'x'.repeat(40)}"}\n`;
const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => event(from + n)).join('');
const numbers = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { n: number }).n);
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

for (const [title, left] of [
  ['its end', events(6, 10)],
  ['its beginning, with a new line behind', events(1, 5)],
])
  test(`a file replaced by a part of itself is not counted again: ${title}`, () =>
    inSetting(async (setting) => {
      const source = setting.file();
      setting.append(events(1, 10));
      await source.settle();
      fs.writeFileSync(`${setting.path}.new`, left + event(11));
      fs.renameSync(`${setting.path}.new`, setting.path);
      await source.settle();
      setting.append(event(12));
      await source.settle();
      assert.deepEqual(numbers(setting.lines), upTo(12));
      await source.close();
    }));

test('a copy within a pattern that goes on by itself is read from there', () =>
  inSetting(async (setting) => {
    const source = setting.glob();
    const copy = join(setting.directory.path, 'copy.json');
    setting.append('one\n');
    await source.settle();
    fs.copyFileSync(setting.path, copy);
    setting.now += LOOKED_UP;
    await source.settle();
    fs.appendFileSync(copy, 'two\n');
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'two']);
    await source.close();
  }));

test('a copy within a pattern is looked at again before the file that was truncated is a gap', () =>
  inSetting(async (setting) => {
    const source = setting.glob();
    setting.append('one\n');
    await source.settle();
    fs.copyFileSync(setting.path, join(setting.directory.path, 'copy.json'));
    setting.now += LOOKED_UP;
    await source.settle();
    fs.truncateSync(setting.path);
    await source.settle();
    assert.deepEqual([setting.lines, setting.incidents], [['one'], ['truncations']]);
    await source.close();
  }));

test('among so many quiet files that they are looked at in turns a copy is, too, before there is a gap', () =>
  inSetting(async (setting) => {
    const source = setting.glob();
    setting.append('one\n');
    await source.settle();
    for (let n = 0; n < 300; n++) fs.writeFileSync(join(setting.directory.path, `pod-${n}x.json`), `${n}\n`);
    fs.copyFileSync(setting.path, join(setting.directory.path, 'copy.json'));
    setting.now += LOOKED_UP;
    await source.settle();
    // None is lively any more.
    setting.now += 100_000;
    await source.settle();
    fs.truncateSync(setting.path);
    setting.append('two\n');
    for (let turn = 0; turn < 3; turn++) {
      await source.settle();
      setting.now += 1000;
    }
    assert.deepEqual([setting.lines.length, setting.incidents], [302, ['truncations']]);
    await source.close();
  }));

test('a path whose file was renamed away is up while its writer may still write; it is missing when that is deleted', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('one\n');
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.1`);
    await source.settle();
    assert.equal(source.statuses()[0]?.fault, undefined);
    fs.rmSync(`${setting.path}.1`);
    await source.settle();
    assert.equal(source.statuses()[0]?.fault?.code, 'INPUT_MISSING');
    await source.close();
  }));

test('all that a new file held is copied over an older copy, and cut off, before it is looked at: it is read there', () =>
  inSetting(async (setting) => {
    setting.append('');
    fs.writeFileSync(`${setting.path}.1`, 'old\n');
    const source = setting.file();
    await source.catchUp();
    await source.settle();
    setting.append('one\n');
    fs.copyFileSync(setting.path, `${setting.path}.1`);
    fs.truncateSync(setting.path);
    await source.settle();
    assert.deepEqual(setting.lines, ['one']);
    await source.close();
  }));

test('a name that comes within one tick of the clock in which its directory was listed is found a little later', () =>
  inSetting(async (setting) => {
    const sameTick = () => fs.utimesSync(setting.directory.path, 1e9, 1e9);
    setting.append('one\n');
    sameTick();
    const source = setting.file();
    await source.catchUp();
    await source.settle();
    fs.writeFileSync(`${setting.path}.1`, 'rotated\n');
    sameTick();
    await source.settle();
    setting.now += 2000;
    await source.settle();
    assert.deepEqual(setting.lines, ['one', 'rotated']);
    await source.close();
  }));

test('a directory in which nothing happens is listed ever less often, and a late write to a finished file is found', () =>
  inSetting(async (setting) => {
    let answers = 0;
    const progress = (of: 'look' | 'search') => {
      if (of === 'search') answers++;
    };
    const source = setting.file({ progress });
    setting.append('one\n');
    await source.settle();
    fs.renameSync(setting.path, `${setting.path}.1`);
    setting.append('two\n');
    for (let turn = 0; turn < 3; turn++) {
      await source.settle();
      setting.now += GRACE + 1;
    }
    const wait = async (seconds: number) => {
      answers = 0;
      for (let second = 0; second < seconds; second++) {
        await source.settle();
        setting.now += 1000;
      }
      return answers;
    };
    await wait(600);
    assert.ok((await wait(600)) <= 6, 'two listings of one directory with one rotated file in ten minutes');
    fs.appendFileSync(`${setting.path}.1`, 'late\n');
    await wait(310);
    assert.deepEqual(setting.lines.sort(), ['late', 'one', 'two']);
    await source.close();
  }));

test('where one file was rotated to a name that says nothing, so may others be that nobody saw', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    const rotate = (word: string) =>
      fs.renameSync(setting.path, setting.path.replace('.json', `-${word}.json`));
    setting.append('one\n');
    await source.settle();
    rotate('kxz');
    setting.append('two\n');
    rotate('bcd');
    setting.append('three\n');
    await source.settle();
    assert.deepEqual(setting.lines.sort(), ['one', 'three', 'two']);
    await source.close();
  }));

test('a copy that broke off within the first line is no file of its own', () =>
  inSetting(async (setting) => {
    const source = setting.file();
    setting.append('one and more\n');
    await source.settle();
    fs.writeFileSync(`${setting.path}.1`, 'one an');
    for (let turn = 0; turn < 3; turn++) {
      await source.settle();
      setting.append(`${turn}\n`);
      setting.now += GRACE + 1;
    }
    assert.deepEqual(setting.lines, ['one and more', '0', '1']);
    await source.close();
  }));

for (const [title, isRunning] of [
  ['found beside it', true],
  ['found at a start', false],
] as const)
  test(`of a copy that holds more than the renamed file the rest is read: ${title}`, () =>
    inSetting(async (setting) => {
      let source = setting.file();
      setting.append('one\n');
      await source.settle();
      const saved = structuredClone(source.positions());
      if (!isRunning) await source.close();
      fs.renameSync(setting.path, `${setting.path}.bak`);
      if (isRunning) await source.settle();
      fs.writeFileSync(`${setting.path}.1.gz`, gzipSync('one\ntwo\nthree\n'));
      if (!isRunning) setting.append('four\n');
      if (!isRunning) source = setting.file({ saved });
      for (let turn = 0; turn < 4; turn++) {
        await source.settle();
        setting.now += GRACE + 1;
      }
      const expected = ['one', 'two', 'three', ...(isRunning ? [] : ['four'])];
      assert.deepEqual(setting.lines.sort(), expected.sort());
      assert.equal(setting.incidents.includes('gaps'), false);
      await source.close();
    }));

test('a path that names a compressed file is read when that is complete', () =>
  inSetting(async (setting) => {
    let now = Date.now();
    const clock = { now: () => now, monotonic: () => setting.now };
    const packed = gzipSync(events(1, 100));
    fs.writeFileSync(setting.path, packed.subarray(0, packed.length / 2));
    const source = setting.file({ clock });
    await source.settle();
    fs.writeFileSync(setting.path, packed);
    now = Date.now() + 2000;
    await source.settle();
    assert.deepEqual([numbers(setting.lines), setting.incidents.includes('gaps')], [upTo(100), false]);
    await source.close();
  }));

test('a compressed file whose times are ahead is read when it was seen unchanged for a while', () =>
  inSetting(async (setting) => {
    const clock = { now: () => Date.now() - 60_000, monotonic: () => setting.now };
    const packed = gzipSync(events(1, 100));
    fs.writeFileSync(setting.path, packed.subarray(0, packed.length / 2));
    const source = setting.file({ clock });
    await source.settle();
    await source.settle();
    assert.deepEqual(setting.lines, []);
    fs.writeFileSync(setting.path, packed);
    await source.settle();
    setting.now += 1000;
    await source.settle();
    assert.deepEqual([numbers(setting.lines), setting.incidents.includes('gaps')], [upTo(100), false]);
    await source.close();
  }));

for (const isRunning of [false, true])
  test(`a link that changes twice ${isRunning ? 'between two looks' : 'while it is down'} loses nothing`, () =>
    inSetting(async (setting) => {
      const target = (n: number) => setting.path.replace('events.json', `app-2026-11-0${n}.json`);
      const lead = (n: number) => {
        fs.rmSync(setting.path, { force: true });
        fs.symlinkSync(target(n), setting.path);
      };
      fs.writeFileSync(target(1), events(1, 5));
      lead(1);
      let source = setting.file({});
      await source.settle();
      const saved = source.positions();
      if (!isRunning) await source.close();
      fs.appendFileSync(target(1), event(6));
      // Of another link, by its name.
      fs.writeFileSync(target(2).replace('app', 'web'), event(99));
      fs.writeFileSync(target(2), events(7, 9));
      fs.writeFileSync(`${target(3)}.gz`, gzipSync(events(10, 12)));
      fs.writeFileSync(target(4), events(13, 14));
      lead(4);
      if (!isRunning) source = setting.file({ saved });
      for (let turn = 0; turn < 4; turn++) {
        await source.settle();
        setting.now += GRACE + 1;
      }
      assert.deepEqual(
        numbers(setting.lines).sort((a, b) => a - b),
        upTo(14),
      );
      assert.equal(setting.incidents.includes('gaps'), false);
      await source.close();
    }));
