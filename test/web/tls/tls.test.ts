import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternativeNames } from '../../../src/web/tls/alternative-names.ts';

test('alternative names, quoted or not', () => {
  assert.deepEqual(
    alternativeNames('DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, email:a@b.example'),
    ['a.example', '*.b.example', '10.0.0.1', 'a@b.example'],
  );
  assert.deepEqual(alternativeNames(''), []);
  // A name that holds what would look like another is quoted, and stays one.
  assert.deepEqual(alternativeNames('URI:"http://x/, DNS:good.example", DNS:c.example'), [
    'http://x/, DNS:good.example',
    'c.example',
  ]);
});
