/**
 * docs/tail-libraries.md says what libraries lose: each case is run, and the table there is what came of it.
 * `npm run docs:tail-libraries` writes it anew. Without it only
 * this exporter's column is run: what a library loses may depend on the machine's load.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CASES, result } from './cases.ts';
import { FOLLOWERS } from './followers.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/tail-libraries.md', import.meta.url));
const AT_ONCE = 5;
const TABLE = /^\|[\s\S]*?\|$(?!\n\|)/m;

test('the table of what tail libraries lose is what comes of its cases', async () => {
  const write = process.env.DOCS_WRITE === '1';
  const names = Object.keys(FOLLOWERS).slice(write ? 0 : -1);
  const cases = Object.entries(CASES);
  const rows: string[][] = [];
  // Some at once: most of it is waiting for what never comes.
  for (let from = 0; from < cases.length; from += AT_ONCE)
    rows.push(
      ...(await Promise.all(
        cases.slice(from, from + AT_ONCE).map(async ([name, happens]) => {
          const results = await Promise.all(names.map((each) => result(FOLLOWERS[each]!, happens)));
          assert.equal(results.at(-1), 'ok', `this exporter: ${name}`);
          return [name, ...results];
        }),
      )),
    );
  const table = [['case', ...names], ['', ...names].map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  if (write) writeFileSync(DOCUMENT, readFileSync(DOCUMENT, 'utf8').replace(TABLE, table));
});
