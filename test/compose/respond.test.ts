/** The profile `respond` of docker-compose.yml: the responder has a socket that is not Docker's, and little else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentName, FLAGS } from '../../src/config/flags.ts';
import { loadPolicy, readToken } from '../../src/respond/policy/load.ts';
import { mounts, ROOT, readCompose } from './compose.ts';

const compose = readCompose('docker-compose.yml');
const responder = compose.services['falco-responder']!;
const proxy = compose.services['falco-socket-proxy']!;

test('the proxy lets through what the responder asks for, and nothing else', () => {
  const allowed = (method: string) =>
    proxy
      .command!.filter((flag) => flag.startsWith(`-allow${method}=`))
      .map((flag) => new RegExp(`^${flag.slice(flag.indexOf('=') + 1)}$`));
  const passes = (method: string, path: string) => allowed(method).some((pattern) => pattern.test(path));
  const id = 'a1'.repeat(32);
  const wanted = {
    GET: [
      '/_ping',
      '/containers/json',
      ...['json', 'top', 'changes', 'logs', 'export'].map((what) => `/containers/${id}/${what}`),
    ],
    POST: [
      ...['pause', 'unpause', 'restart', 'stop'].map((what) => `/containers/${id}/${what}`),
      `/networks/${id}/disconnect`,
    ],
  };
  for (const [method, paths] of Object.entries(wanted))
    for (const path of paths) assert.ok(passes(method, path), `${method} ${path}`);
  const refused = [
    ...['/containers/create', `/containers/${id}/exec`, `/containers/${id}/start`, `/containers/${id}/kill`],
    ...[`/containers/${id}/update`, `/containers/${id}/rename`, `/containers/${id}/attach`, '/build'],
    ...['/images/create', '/exec/x/start', `/networks/${id}/connect`, '/networks/create', '/volumes/create'],
    ...['/containers/name/pause', '/containers/../containers/create', `/v1.41/containers/${id}/pause`],
    ...[`/containers/${id}/pause/../../create`, `/containers/${id}/archive`, '/info', '/secrets', ''],
  ];
  for (const path of refused)
    for (const method of ['GET', 'POST']) assert.ok(!passes(method, path), `${method} ${path}`);
  const methods = proxy.command!.flatMap((flag) => /^-allow([A-Z]+)=/.exec(flag)?.[1] ?? []);
  assert.deepEqual([...new Set(methods)].sort(), ['GET', 'POST']);
});

test("the proxy has Docker's socket and no network; the responder has the proxy's and no other", () => {
  assert.equal(proxy.network_mode, 'none');
  assert.deepEqual(
    mounts(proxy).map(({ source }) => source),
    ['/var/run/docker.sock', 'responder-socket'],
  );
  for (const { source, target, readOnly } of mounts(responder))
    assert.equal(
      readOnly,
      !['/var/lib/falco-event-exporter', '/run/falco-socket-proxy'].includes(target),
      source,
    );
  assert.ok(!mounts(responder).some(({ source }) => source.includes('docker.sock')));
  const sharers = Object.entries(compose.services).filter(([, service]) =>
    mounts(service).some(({ source }) => source === 'responder-socket'),
  );
  assert.deepEqual(
    sharers.map(([name]) => name),
    ['falco-socket-proxy', 'falco-responder'],
  );
  assert.equal(responder.cap_add, undefined);
  assert.equal(responder.user, undefined);
  for (const service of [proxy, responder]) assert.deepEqual(service.profiles, ['respond']);
});

test('its policy is right, a dry run, and names the socket, the token and the port of the compose file', () => {
  const policy = loadPolicy(`${ROOT}examples/respond/policy.yaml`);
  assert.equal(policy.dry_run, true);
  assert.ok(proxy.command!.includes(`-proxysocketendpoint=${policy.docker.socket}`));
  assert.equal(policy.web.token_file, '/run/secrets/responder_token');
  assert.deepEqual(responder.secrets, ['responder_token']);
  assert.deepEqual(responder.ports, [`127.0.0.1:${policy.web.listen_address.port}:9377`]);
  const known = new Set(FLAGS.map(({ name }) => environmentName(name)));
  for (const name of Object.keys(responder.environment!)) assert.ok(known.has(name), `${name} is no flag`);
  const exporter = compose.services['falco-event-exporter']!;
  const input = 'FALCO_EVENT_EXPORTER_INPUT_FILE';
  assert.equal(responder.environment![input], exporter.environment![input]);
});

test("the example's token does for a dry run alone", () => {
  const policy = loadPolicy(`${ROOT}examples/respond/policy.yaml`);
  const web = { ...policy.web, token_file: `${ROOT}secrets/responder_token.example` };
  assert.equal(typeof readToken({ ...policy, web }), 'string');
  assert.throws(
    () => readToken({ ...policy, web, dry_run: false }),
    (error: { code?: string }) => error.code === 'POLICY_TOKEN',
  );
});
