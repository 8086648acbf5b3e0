import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOf, wantsGzip } from '../../src/web/accept.ts';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const PROTOBUF_FIRST =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

for (const [accept, format] of [
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html, */*;q=0.8', 'text'],
  ['text/plain;version=0.0.4', 'text'],
  ['application/json', 'text'],
  [PROMETHEUS_2, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  [PROTOBUF_FIRST, 'openmetrics'],
  ['application/openmetrics-text', 'openmetrics'],
  ['Application/OpenMetrics-Text; Version="1.0.0"; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1', 'text'],
  ['application/openmetrics-text;version=2.0.0, text/plain', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=0, */*', 'text'],
  ['application/openmetrics-text;q=0.5, text/plain;q=0.9', 'text'],
  ['application/openmetrics-text;q=0.5, text/*;q=0.9', 'text'],
  ['application/openmetrics-text, text/plain', 'openmetrics'],
  ['text/plain, application/openmetrics-text', 'text'],
  ['text/plain;q=0, application/*', 'openmetrics'],
  ['application/openmetrics-text;q=x, text/plain;q=0.1', 'text'],
] as const)
  test(`Accept ${accept} is given ${format}`, () => assert.equal(formatOf(accept), format));

for (const [encodings, wanted] of [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['gzip, deflate, br', true],
  ['deflate, gzip;q=1.0, *;q=0.5', true],
  ['gzip;q=0.2', true],
  ['gzip;q=0', false],
  ['gzip;q=0.000, *', false],
  ['gzip;q=0, identity', false],
  ['*', true],
  ['*;q=0', false],
  ['identity', false],
  ['identity, gzip;q=0.5', false],
  ['identity;q=0.5, gzip', true],
  ['identity;q=0, gzip;q=0.1', true],
  ['br', false],
  ['gzip;q=2', false],
] as const)
  test(`Accept-Encoding ${encodings}: ${wanted ? 'gzip' : 'none'}`, () =>
    assert.equal(wantsGzip(encodings), wanted));
