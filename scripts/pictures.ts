/**
 * Makes the pictures of the documents, in docs/pictures: `npm run pictures`.
 *
 * - each .dot there becomes an .svg (Graphviz, as WebAssembly);
 * - page.png is the exporter's page while the demo runs, in the system's Chromium. It needs `npm run build` first.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { instance } from '@viz-js/viz';
import { chromium } from 'playwright-core';

const PICTURES = fileURLToPath(new URL('../docs/pictures', import.meta.url));
const DEMO = fileURLToPath(new URL('../dist/demo/main.js', import.meta.url));
const ADDRESS = '127.0.0.1:9399';
const SIZE = { width: 1360, height: 760 };

const graphviz = await instance();
for (const name of readdirSync(PICTURES).filter((each) => each.endsWith('.dot'))) {
  const source = readFileSync(join(PICTURES, name), 'utf8');
  writeFileSync(
    join(PICTURES, name.replace(/dot$/, 'svg')),
    graphviz.renderString(source, { format: 'svg' }),
  );
}

const demo = spawn(process.execPath, [DEMO, `--web.listen-address=${ADDRESS}`], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  for await (const text of demo.stdout.setEncoding('utf8')) if (text.includes('recording is over')) break;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: SIZE });
  await page.goto(`http://${ADDRESS}/`, { waitUntil: 'load' });
  // The demo is younger than the hour that the page shows at first.
  await page.getByRole('link', { name: '15 minutes' }).click();
  await page.locator('#events time').first().waitFor();
  await page.screenshot({ path: join(PICTURES, 'page.png') });
  await browser.close();
} finally {
  demo.kill();
  if (demo.exitCode === null) await once(demo, 'exit');
}
