/** docker-compose.yml: what is promised of every service, and that what it names is there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { environmentName, FLAGS } from '../../src/config/flags.ts';
import { without } from '../support/programs.ts';
import { mounts, ROOT, readCompose } from './compose.ts';

const compose = readCompose('docker-compose.yml');
const services = Object.entries(compose.services);
const service = (name: string) => compose.services[name]!;

/** Ends at once, so that neither a check nor a restart has a meaning. */
const ONCE = 'falco-stock-rules';

test("Debian's docker-compose takes it, with each profile", {
  skip: without('docker-compose', 'version'),
}, () => {
  const all = ['demo', 'siem', 'vector', 'respond'];
  for (const profiles of [[], ...all.map((one) => [one]), all]) {
    const { status, stderr } = spawnSync(
      'docker-compose',
      [...profiles.flatMap((profile) => ['--profile', profile]), 'config', '--quiet'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    assert.equal(status, 0, `${profiles}: ${stderr}`);
  }
  const beside = spawnSync('docker-compose', ['-f', 'examples/compose/docker-compose.yml', 'config', '-q'], {
    cwd: ROOT,
  });
  assert.equal(beside.status, 0, String(beside.stderr));
});

test('every service: a pinned image, limits, and no more rights than it needs', () => {
  for (const [
    name,
    { image, restart, mem_limit, cpus, pids_limit, cap_drop, security_opt, logging },
  ] of services) {
    assert.match(image!, /:v?\d+\.\d+\.\d+[\w.-]*$|^postgres:\d+\.\d+-\w+$/, `${name}: ${image}`);
    assert.equal(restart, name === ONCE ? 'on-failure' : 'unless-stopped', name);
    assert.match(mem_limit!, /^\d+[mg]$/, name);
    assert.ok(cpus! > 0, name);
    assert.ok(pids_limit! > 0, name);
    assert.deepEqual(cap_drop, ['ALL'], name);
    assert.ok(security_opt!.includes('no-new-privileges:true'), name);
    assert.equal(logging?.driver, 'json-file', name);
    assert.ok(logging.options['max-size'] && Number(logging.options['max-file']) > 0, name);
  }
});

test('every service has a health check in exec form, and no shell where a rule watches for one', () => {
  for (const [name, { healthcheck }] of services) {
    if (name === ONCE) assert.equal(healthcheck?.disable, true);
    else assert.equal(healthcheck?.test?.[0], 'CMD', name);
  }
  // As falco/README.md has them: each is quiet under the rules.
  assert.deepEqual(service('ecommerce-dashboard').healthcheck!.test, [
    ...['CMD', 'python', '-c'],
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8050/', timeout=3)",
  ]);
  assert.deepEqual(service('ecommerce-grafana').healthcheck!.test, [
    ...['CMD', 'curl', '-fsS', '-o', '/dev/null', 'http://127.0.0.1:3000/api/health'],
  ]);
  assert.deepEqual(service('ecommerce-postgres').healthcheck!.test, [
    ...['CMD', 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres'],
  ]);
  assert.deepEqual(service('falco-event-exporter').healthcheck!.test, [
    ...['CMD', 'falco-event-exporter', 'health'],
  ]);
});

test('root file systems are read-only, but for two that say why', () => {
  const writable = services.filter(([, { read_only }]) => !read_only).map(([name]) => name);
  assert.deepEqual(writable.sort(), ['elasticsearch', 'kibana']);
});

test('ports are published on 127.0.0.1 only, and not at all for the database', () => {
  const published = services.flatMap(([, { ports }]) => ports ?? []);
  for (const port of published) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
  for (const port of [8050, 3000, 8765, 9376, 9377, 9090, 9093])
    assert.ok(published.includes(`127.0.0.1:${port}:${port}`), String(port));
  assert.equal(service('ecommerce-postgres').ports, undefined);
});

test('each service is only where it must be', () => {
  const members = (network: string) =>
    services.filter(([, { networks }]) => networks?.includes(network)).map(([name]) => name);
  assert.deepEqual(members('front'), ['ecommerce-dashboard']);
  assert.deepEqual(members('data'), ['ecommerce-dashboard', 'ecommerce-postgres']);
  assert.equal(compose.networks.data?.internal, true);
  assert.deepEqual(members('monitoring').sort(), [
    ...['alertmanager', 'ecommerce-falco', 'falco-event-exporter', 'falco-responder', 'falcosidekick'],
    'prometheus',
  ]);
  assert.deepEqual(members('dashboards').sort(), ['ecommerce-grafana', 'prometheus']);
  assert.deepEqual(members('siem').sort(), ['elasticsearch', 'falcosidekick', 'kibana', 'vector']);
  const nowhere = services.filter(([, { network_mode }]) => network_mode === 'none').map(([name]) => name);
  assert.deepEqual(nowhere.sort(), ['demo', 'falco-rotation', 'falco-socket-proxy', ONCE]);
});

test('what is watched reaches nobody who watches, but for Grafana its Prometheus', () => {
  const watched = ['ecommerce-dashboard', 'ecommerce-grafana', 'ecommerce-postgres'];
  for (const name of watched) {
    const reached = services
      .filter(([, { networks }]) => networks?.some((each) => service(name).networks?.includes(each)))
      .map(([other]) => other)
      .filter((other) => !watched.includes(other));
    assert.deepEqual(reached, name === 'ecommerce-grafana' ? ['prometheus'] : [], name);
  }
  // Who reaches Prometheus can ask, and change nothing.
  for (const flag of [
    '--web.enable-lifecycle',
    '--web.enable-admin-api',
    '--web.enable-remote-write-receiver',
  ])
    assert.ok(!service('prometheus').command?.includes(flag));
});

test('Falco has the rights that it needs and no others', () => {
  const falco = service('ecommerce-falco');
  assert.deepEqual(falco.cap_add, ['SYS_ADMIN', 'SYS_RESOURCE', 'SYS_PTRACE']);
  assert.equal(falco.pid, 'host');
  assert.equal(falco.mem_limit, '256m');
  assert.equal(falco.cpus, 0.5);
  const readOnly = mounts(falco).filter(({ source }) => source !== 'falco-events');
  assert.ok(readOnly.every((mount) => mount.readOnly));
  assert.deepEqual(
    readOnly.map(({ target }) => target),
    [
      ...['/host/var/run/docker.sock', '/host/proc', '/host/etc', '/etc/falco/falco.yaml'],
      ...['/etc/falco/falco_rules.local.yaml', '/etc/falco/falco_rules.tuning.yaml'],
    ],
  );
  assert.equal(service(ONCE).image, falco.image);
  const added = services.filter(([, { cap_add }]) => cap_add).map(([name]) => name);
  assert.deepEqual(added, ['ecommerce-falco']);
  const sockets = services.filter(([, one]) =>
    mounts(one).some(({ source }) => source.endsWith('docker.sock')),
  );
  assert.deepEqual(
    sockets.map(([name]) => name),
    ['ecommerce-falco', 'demo', 'falco-socket-proxy'],
  );
  assert.deepEqual(service('demo').profiles, ['demo']);
});

test('the exporter reads the events and can write only its state', () => {
  const exporter = service('falco-event-exporter');
  for (const { target, readOnly } of mounts(exporter))
    assert.equal(readOnly, target !== '/var/lib/falco-event-exporter', target);
  const known = new Set(FLAGS.map(({ name }) => environmentName(name)));
  for (const name of Object.keys(exporter.environment!)) assert.ok(known.has(name), `${name} is no flag`);
  const falco = parse(readFileSync(`${ROOT}falco/falco.yaml`, 'utf8')) as {
    file_output: { filename: string };
    rules_files: string[];
  };
  const { FALCO_EVENT_EXPORTER_INPUT_FILE: input, FALCO_EVENT_EXPORTER_RULES_FILE: rules } =
    exporter.environment!;
  assert.equal(input, falco.file_output.filename);
  assert.ok(service('falco-rotation').command!.includes(input!));
  // The same files in the same order, though the stock ones lie elsewhere.
  assert.deepEqual(
    rules!.split(',').map((path) => path.split('/').at(-1)),
    falco.rules_files.map((path) => path.split('/').at(-1)),
  );
});

test('every path that is mounted, built from or read as a secret is there', () => {
  const host = ['/var/run/docker.sock', '/proc', '/etc'];
  for (const [name, one] of services) {
    const paths = [...mounts(one).map(({ source }) => source), ...(one.build ? [one.build] : [])];
    for (const path of paths) {
      if (path.startsWith('.')) assert.ok(existsSync(`${ROOT}${path}`), `${name}: ${path} is not there`);
      else assert.ok(host.includes(path) || path in compose.volumes, `${name}: ${path} is no volume`);
    }
    for (const secret of one.secrets ?? []) {
      const source = typeof secret === 'string' ? secret : secret.source;
      assert.ok(existsSync(`${ROOT}${compose.secrets[source]!.file}`), `${name}: secret ${source}`);
      assert.match(compose.secrets[source]!.file, /^\.\/secrets\/\w+\.example$/);
    }
  }
});

test('Prometheus, Grafana and the rules name services that are there', () => {
  const prometheus = parse(readFileSync(`${ROOT}prometheus/prometheus.yml`, 'utf8')) as {
    scrape_configs: { static_configs?: { targets: string[] }[]; dns_sd_configs?: { names: string[] }[] }[];
  };
  const targets = prometheus.scrape_configs.flatMap(({ static_configs = [], dns_sd_configs = [] }) => [
    ...static_configs.flatMap(({ targets }) => targets.map((target) => target.split(':')[0]!)),
    ...dns_sd_configs.flatMap(({ names }) => names),
  ]);
  for (const target of targets) assert.ok(target === 'localhost' || target in compose.services, target);
  for (const [name, { container_name, depends_on }] of services) {
    assert.equal(container_name, name === 'demo' ? 'ecommerce-demo' : name);
    for (const [other, { condition }] of Object.entries(depends_on ?? {}))
      assert.equal(condition, other === ONCE ? 'service_completed_successfully' : 'service_healthy', other);
  }
  assert.match(service('ecommerce-grafana').environment!.PROMETHEUS_URL!, /^http:\/\/prometheus:9090$/);
});
