import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServiceOptions, ServiceResolver } from '../../src/ledger/service.ts';

/** Resolves an event with these output fields, as the scanner would give them. */
function resolve(
  options: Partial<ServiceOptions>,
  fields: Record<string, string>,
  containers: string[] = [],
): string {
  const resolver = new ServiceResolver({ mappings: [], ...options });
  const answers = resolver.wanted.map(({ name, only }) =>
    fields[name] === undefined || (only !== undefined && only !== fields[name]) ? null : fields[name],
  );
  return resolver.resolve(answers, containers);
}
const shop = (kinds: object) => ({ mappings: [{ service: 'shop', ...kinds }] });

test('the first that answers: mapping, field, container name, host, the one named by the rule, unknown', () => {
  const all = { 'container.name': 'web-1', service: 'from-label', 'container.id': 'bc03df848453' };
  assert.equal(resolve({ ...shop({ container: ['web-1'] }), field: 'service' }, all, ['other']), 'shop');
  assert.equal(resolve({ field: 'service' }, all, ['other']), 'from-label');
  assert.equal(resolve({}, all, ['other']), 'web-1');
  assert.equal(resolve({}, { 'container.id': 'host' }, ['other']), 'host');
  assert.equal(resolve({}, { 'container.name': 'host' }), 'host');
  assert.equal(resolve({}, {}, ['web']), 'web');
  assert.equal(resolve({}, {}, ['web', 'db']), 'unknown');
  assert.equal(resolve({}, {}), 'unknown');
});

test('the container that the rule names goes through the mapping too', () => {
  assert.equal(resolve(shop({ container: ['web'] }), {}, ['web']), 'shop');
});

test('a mapping needs all kinds that it names, and any matcher of each', () => {
  const options = shop({ container: ['web', /web-\d+/], namespace: ['prod'] });
  assert.equal(resolve(options, { 'container.name': 'web', 'k8s.ns.name': 'prod' }), 'shop');
  assert.equal(resolve(options, { 'container.name': 'web', 'k8s.ns.name': 'test' }), 'web');
  assert.equal(resolve(options, { 'container.name': 'api', 'k8s.ns.name': 'prod' }), 'api');
});

test('the first mapping that matches answers', () => {
  const mappings = [
    { service: 'first', container: ['web'] },
    { service: 'second', container: [/.*/] },
  ];
  assert.equal(resolve({ mappings }, { 'container.name': 'web' }), 'first');
  assert.equal(resolve({ mappings }, { 'container.name': 'db' }), 'second');
});

test("a pod goes by its own name and by its workload's", () => {
  const options = shop({ workload: ['web'] });
  for (const pod of ['web', 'web-5d4f8c7b9d-x2x4z', 'web-0', 'web-x2x4z'])
    assert.equal(resolve(options, { 'k8s.pod.name': pod }), 'shop', pod);
  for (const pod of ['web-cache-0', 'webs'])
    assert.equal(resolve(options, { 'k8s.pod.name': pod }), 'unknown', pod);
});

test('series that are 0 beforehand are of the service that the event will have, or of none', () => {
  const expected = (options: Partial<ServiceOptions>) =>
    new ServiceResolver({ mappings: [], ...options }).expected('web');
  assert.equal(expected({}), 'web');
  assert.equal(expected(shop({ container: ['web'] })), 'shop');
  assert.equal(expected({ field: 'service' }), undefined);
  assert.equal(expected({ ...shop({ container: ['web'] }), field: 'service' }), 'shop');
});
