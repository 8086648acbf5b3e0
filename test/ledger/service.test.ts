import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServiceOptions, ServiceResolver } from '../../src/ledger/service.ts';

/** Resolves an event with these output fields, as the scanner would give them. */
function resolve(
  options: Partial<ServiceOptions>,
  fields: Record<string, string>,
  containers: string[] = [],
  source = 'syscall',
): string {
  const resolver = new ServiceResolver({ mappings: [], ...options });
  const answers = resolver.wanted.map(({ name, only }) =>
    fields[name] === undefined || (only !== undefined && only !== fields[name]) ? null : fields[name],
  );
  return resolver.resolve(answers, containers, source);
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
    new ServiceResolver({ mappings: [], ...options }).expected(['web'], 'syscall');
  assert.deepEqual(expected({}), ['web']);
  assert.deepEqual(expected(shop({ container: ['web'] })), ['shop']);
  assert.deepEqual(expected({ field: 'service' }), []);
  assert.deepEqual(expected({ ...shop({ container: ['web'] }), field: 'service' }), ['shop']);
});

const K8S = { 'ka.target.namespace': 'prod', 'ka.verb': 'patch', 'ka.target.resource': 'pods' };

test("what plugins see: the namespace that was the target, else the source's name", () => {
  assert.equal(resolve({}, K8S, [], 'k8s_audit'), 'prod');
  assert.equal(resolve({}, { 'ka.uri': '/readyz' }, [], 'k8s_audit'), 'k8s_audit');
  for (const source of ['aws_cloudtrail', 'okta', 'github', 'gcp_auditlog', 'my_own'])
    assert.equal(resolve({}, {}, [], source), source);
  // what comes before it in the order goes first
  assert.equal(resolve({}, { ...K8S, 'container.name': 'web' }, [], 'k8s_audit'), 'web');
  assert.equal(resolve({ field: 'ka.verb' }, K8S, [], 'k8s_audit'), 'patch');
  assert.equal(resolve({}, {}, ['web'], 'k8s_audit'), 'web');
  // a system call's event is none of them, with and without its source
  assert.equal(resolve({}, K8S, [], 'syscall'), 'unknown');
  assert.equal(resolve({}, K8S, [], ''), 'unknown');
});

test('a mapping matches the source, any output field, and namespaces whichever plugin names them', () => {
  const audit = shop({ source: ['k8s_audit'] });
  assert.equal(resolve(audit, K8S, [], 'k8s_audit'), 'shop');
  assert.equal(resolve(audit, { 'container.name': 'web' }, [], 'syscall'), 'web');
  assert.equal(resolve(shop({ source: ['syscall'] }), {}, [], ''), 'shop');
  assert.equal(resolve(shop({ source: [/k8s_.*/] }), {}, [], 'k8s_audit'), 'shop');
  for (const field of ['k8s.ns.name', 'k8smeta.ns.name', 'ka.target.namespace'])
    assert.equal(resolve(shop({ namespace: ['prod'] }), { [field]: 'prod' }), 'shop', field);
  const fields = shop({ fields: { 'ka.verb': ['patch', 'update'], 'ka.target.resource': [/pod.*/] } });
  assert.equal(resolve(fields, K8S, [], 'k8s_audit'), 'shop');
  assert.equal(resolve(fields, { ...K8S, 'ka.verb': 'get' }, [], 'k8s_audit'), 'prod');
  assert.equal(resolve(fields, { 'ka.verb': 'patch' }, [], 'k8s_audit'), 'k8s_audit');
  assert.equal(resolve(shop({ source: ['okta'], namespace: ['prod'] }), K8S, [], 'k8s_audit'), 'prod');
  // one that the resolver asks for itself, for one value alone
  assert.equal(resolve(shop({ fields: { 'container.id': ['abc'] } }), { 'container.id': 'abc' }), 'shop');
  assert.equal(resolve(shop({ fields: { proto: ['x'] } }), { 'container.id': 'host' }), 'host');
});

test('a long text is told from a shorter one that it begins with', () => {
  const long = 'x'.repeat(300);
  assert.equal(resolve(shop({ fields: { 'proc.cmdline': [long] } }), { 'proc.cmdline': long }), 'shop');
  assert.equal(
    resolve(shop({ fields: { 'proc.cmdline': [long] } }), { 'proc.cmdline': `${long}y` }),
    'unknown',
  );
});

test("a plugin's rule is at 0 for its source, and where its service is mapped, for that", () => {
  const expected = (options: Partial<ServiceOptions>, containers: string[] = [], source = 'okta') =>
    new ServiceResolver({ mappings: [], ...options }).expected(containers, source);
  assert.deepEqual(expected({}), ['okta']);
  assert.deepEqual(expected(shop({ source: ['okta'] })), ['shop']);
  assert.deepEqual(expected({ field: 'service' }), []);
  assert.deepEqual(expected({}, [], 'syscall'), []);
  assert.deepEqual(expected(shop({ source: ['syscall'], container: ['web'] }), ['web'], 'syscall'), ['shop']);
  assert.deepEqual(expected(shop({ container: ['web', 'db'] }), ['web', 'db', 'api'], 'syscall'), [
    'shop',
    'api',
  ]);
});
