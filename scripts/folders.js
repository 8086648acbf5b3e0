/** Tells of folders of code with more files than one takes in at a glance: there a folder of its own is missing. */
import { readdirSync } from 'node:fs';
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

const found = ['src', 'test', 'bench', 'scripts', 'grafana', 'examples', 'falco', 'prometheus'].flatMap(
  crowded,
);
for (const folder of found) console.error(`${folder}; at most ${MOST} stand side by side`);
process.exitCode = found.length > 0 ? 1 : 0;
