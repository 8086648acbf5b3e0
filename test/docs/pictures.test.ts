/** A drawing is what its source says. To draw it anew: npm run pictures */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { instance } from '@viz-js/viz';
import { ROOT } from '../compose/compose.ts';

const PICTURES = join(ROOT, 'docs/pictures');

test('each .svg is drawn from the .dot beside it', async () => {
  const graphviz = await instance();
  const sources = readdirSync(PICTURES).filter((name) => name.endsWith('.dot'));
  assert.ok(sources.length > 0);
  for (const name of sources) {
    const drawn = graphviz.renderString(readFileSync(join(PICTURES, name), 'utf8'), { format: 'svg' });
    assert.ok(
      readFileSync(join(PICTURES, name.replace(/dot$/, 'svg')), 'utf8') === drawn,
      `${name} is newer`,
    );
  }
});

test('pictures are small', () => {
  for (const name of readdirSync(PICTURES)) assert.ok(statSync(join(PICTURES, name)).size < 150_000, name);
});
