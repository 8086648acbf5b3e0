/** What a real Falco printed, against what the catalogue says of the rules that it ran with. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Catalogue, loadCatalogue } from '../../src/rules/catalogue.ts';

const fixtures = fileURLToPath(new URL('../fixtures/rules/', import.meta.url));
const path = (name: string) => join(fixtures, name);

async function load(name: string): Promise<Catalogue> {
  const { catalogue, problems } = await loadCatalogue([path(name)]);
  assert.deepEqual(problems, []);
  return catalogue;
}

interface Seen {
  rule: string;
  priority: string;
  container: string | undefined;
}

/** Falco's internal events are of no rule; neither are those that `known` leaves out. */
function agree(catalogue: Catalogue, seen: Seen[], restricted: boolean): void {
  for (const { rule, priority, container } of seen) {
    const known = catalogue.rules.get(rule);
    assert.ok(known, `${rule} is not in the catalogue`);
    assert.equal(known.priority, priority.toLowerCase(), rule);
    if (restricted) assert.ok(container && known.containers.includes(container), `${rule} in ${container}`);
  }
}

describe('recorded events', () => {
  const seen = readFileSync(path('fired.log'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ source }) => source !== 'internal')
    .map(({ rule, priority, output_fields }): Seen => {
      return { rule, priority, container: output_fields['container.name'] };
    });

  it('of the 17 rules have the priority and one of the containers that the catalogue gives', async () => {
    const catalogue = await load('fired.good.yaml');
    const ours = seen.filter(({ rule }) => rule !== 'Read sensitive file untrusted'); // a stock rule
    assert.equal(new Set(ours.map(({ rule }) => rule)).size, 17);
    agree(catalogue, ours, true);
  });

  it('of the shop have a rule and its priority in what falco -L printed', async () => {
    const catalogue = await load('shop.describe.json');
    const truth = JSON.parse(readFileSync(path('shop.truth.json'), 'utf8'));
    const rows: Seen[] = truth.by_rule_service_priority.filter(
      ({ rule }: Seen) => !rule.startsWith('Falco internal: '),
    );
    assert.equal(new Set(rows.map(({ rule }) => rule)).size, 28);
    agree(catalogue, rows, false);
  });

  it('of the shop’s own rules come from the containers that these name', async () => {
    const catalogue = await load('shop.good.yaml');
    const truth = JSON.parse(readFileSync(path('shop.truth.json'), 'utf8'));
    const rows: Seen[] = truth.by_rule_service_priority.filter(({ rule }: Seen) => catalogue.rules.has(rule));
    assert.equal(new Set(rows.map(({ rule }) => rule)).size, 17);
    agree(catalogue, rows, true);
  });

  it('and Falco’s own list agree with our reading of the same YAML', async () => {
    const [described, read] = [await load('shop.describe.json'), await load('shop.good.yaml')];
    assert.equal(described.rules.size, 42);
    assert.equal(read.rules.size, 17);
    for (const [name, rule] of read.rules) {
      const { priority, source, tags, enabled } = described.rules.get(name)!;
      const { priority: ourPriority, source: ourSource, tags: ourTags, enabled: ourEnabled } = rule;
      assert.deepEqual(
        [ourPriority, ourSource, ourTags, ourEnabled],
        [priority, source, tags, enabled],
        name,
      );
    }
  });
});
