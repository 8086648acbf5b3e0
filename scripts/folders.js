/**
 * Finds folders of code with more files than one takes in at a glance, and folders of src/ without a heading: three
 * lines in README.md that say what the folder owns and who may call it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const MOST = 12;
/** Data: a file for each case, which nobody looks for by its folder. */
const DATA = new Set(['fixtures', 'golden', 'recording', 'node_modules']);

function crowded(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  // What a build puts there (*.wasm) isn't read by anybody.
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.wasm')).length;
  const within = entries
    .filter((entry) => entry.isDirectory() && !DATA.has(entry.name))
    .flatMap(({ name }) => crowded(join(folder, name)));
  return files > MOST ? [`${folder}: ${files} files`, ...within] : within;
}

function folders(folder) {
  const within = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...within.flatMap(({ name }) => folders(join(folder, name)))];
}

const bare = folders('src').filter(
  (folder) =>
    folder !== 'src' &&
    !/\/static(\/|$)/.test(folder) &&
    readdirSync(folder).length > 0 &&
    !existsSync(join(folder, 'README.md')),
);
for (const folder of bare)
  console.error(`${folder}: README.md is missing: three lines on what it owns and who may call it`);

const found = ['src', 'test', 'bench', 'scripts', 'grafana', 'examples', 'falco', 'prometheus'].flatMap(
  crowded,
);
for (const folder of found) console.error(`${folder}; at most ${MOST} stand side by side`);
process.exitCode = found.length + bare.length > 0 ? 1 : 0;
