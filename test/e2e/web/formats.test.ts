/** /metrics in the formats that scrapers ask for: the text format and OpenMetrics, as it is and as gzip. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Exporter, temporary } from '../../support/exporter.ts';

const directory = temporary();
const file = join(directory.path, 'events.json');
writeFileSync(file, `${JSON.stringify({ rule: 'R', priority: 'Error', time: '2026-11-23T12:00:00Z' })}\n`);
const exporter = await Exporter.start([`--input.file=${file}`, '--state.dir=']);
await exporter.ready();
after(async () => {
  await exporter.end();
  directory.remove();
});

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';

/** What really comes: `fetch` would unpack it. */
function ask(
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ answer: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(exporter.url('/metrics'), { method, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve({ answer, body: Buffer.concat(pieces) }));
    })
      .on('error', reject)
      .end();
  });
}

test('who names nothing gets the text format, uncompressed', async () => {
  const { answer, body } = await ask({});
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(answer.headers.vary, 'Accept, Accept-Encoding');
  assert.match(String(body), /^# TYPE falco_events_total counter$/m);
});

test('OpenMetrics where it is asked for, whole', async () => {
  const { answer, body } = await ask({ accept: OPENMETRICS });
  assert.equal(answer.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.equal(Number(answer.headers['content-length']), body.length);
  assert.match(String(body), /^# TYPE falco_events counter$/m);
  assert.match(String(body), /^falco_events_total\{rule="R",service="unknown",priority="error"\} 1/m);
  assert.ok(String(body).endsWith('\n# EOF\n'));
});

test('gzip where it is asked for, in both formats; its length is that of what is sent', async () => {
  for (const accept of ['*/*', OPENMETRICS]) {
    const { answer, body } = await ask({ accept, 'accept-encoding': 'gzip, deflate' });
    assert.equal(answer.headers['content-encoding'], 'gzip');
    assert.equal(Number(answer.headers['content-length']), body.length);
    const text = String(gunzipSync(body));
    assert.match(text, /^falco_events_total\{rule="R",service="unknown",priority="error"\} 1/m);
    assert.equal(text.endsWith('# EOF\n'), accept === OPENMETRICS);
  }
  const { answer } = await ask({ 'accept-encoding': 'gzip;q=0' });
  assert.equal(answer.headers['content-encoding'], undefined);
});

test('HEAD has the headers of GET, and no body', async () => {
  const { answer, body } = await ask({ accept: OPENMETRICS, 'accept-encoding': 'gzip' }, 'HEAD');
  assert.equal(body.length, 0);
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.equal(answer.headers.vary, 'Accept, Accept-Encoding');
  assert.ok(Number(answer.headers['content-length']) > 1000);
});
