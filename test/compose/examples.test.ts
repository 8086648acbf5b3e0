/** examples/: what is made from other files agrees with them, and the rest is at least what its program reads. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { environmentName, FLAGS } from '../../src/config/flags.ts';
import { without } from '../support/programs.ts';
import { ROOT, readCompose } from './compose.ts';

const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');
const known = new Set(FLAGS.map(({ name }) => environmentName(name)));

test('the PrometheusRule holds each group of prometheus/rules; only the severity info has another name', () => {
  const { stdout, status } = spawnSync('sh', [`${ROOT}examples/kubernetes/prometheus-rule.sh`], {
    encoding: 'utf8',
    env: { ...process.env, RELEASE: 'stack' },
  });
  assert.equal(status, 0);
  const made = parse(stdout) as {
    kind: string;
    metadata: { labels: Record<string, string> };
    spec: { groups: unknown[] };
  };
  // kube-prometheus-stack's Prometheus takes only what has its release's name.
  assert.equal(made.metadata.labels.release, 'stack');
  assert.equal(made.kind, 'PrometheusRule');
  const groups = readdirSync(`${ROOT}prometheus/rules`)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .flatMap((name) => (parse(read(`prometheus/rules/${name}`)) as { groups: unknown[] }).groups);
  assert.ok(groups.length > 0);
  const renamed = JSON.parse(JSON.stringify(groups).replaceAll('"severity":"info"', '"severity":"low"'));
  assert.notDeepEqual(renamed, groups);
  assert.deepEqual(made.spec.groups, renamed);
});

test('each dashboard is a ConfigMap that the sidecar of Grafana finds', () => {
  const { stdout, status } = spawnSync('sh', [`${ROOT}examples/kubernetes/dashboards.sh`], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  const made = parseAllDocuments(stdout).map(
    (document) =>
      document.toJS() as {
        kind: string;
        metadata: { labels: Record<string, string> };
        data: Record<string, string>;
      },
  );
  const files = readdirSync(`${ROOT}grafana/dashboards`).sort();
  assert.deepEqual(
    made.flatMap(({ data }) => Object.keys(data)),
    files,
  );
  for (const { kind, metadata, data } of made) {
    assert.equal(kind, 'ConfigMap');
    assert.equal(metadata.labels.grafana_dashboard, '1');
    for (const [file, text] of Object.entries(data))
      assert.deepEqual(JSON.parse(text), JSON.parse(read(`grafana/dashboards/${file}`)), file);
  }
});

test("the values for kube-prometheus-stack hold our routes, receivers, inhibitions and templates, and the chart's own", () => {
  const { stdout, status } = spawnSync('sh', [`${ROOT}examples/kubernetes/kube-prometheus-stack.sh`], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  interface Config {
    global: unknown;
    route: { receiver: string; routes: Record<string, unknown>[] };
    inhibit_rules: { source_matchers?: string[]; target_matchers: string[] }[];
    receivers: { name: string }[];
  }
  const { alertmanager } = parse(stdout, { merge: true }) as {
    alertmanager: {
      alertmanagerSpec: { secrets: string[] };
      config: Config;
      templateFiles: Record<string, string>;
    };
  };
  const ours = parse(
    read('alertmanager/alertmanager.yml').replaceAll(
      '/etc/alertmanager/secrets/',
      `/etc/alertmanager/secrets/${alertmanager.alertmanagerSpec.secrets[0]}/`,
    ),
    { merge: true },
  ) as Config;
  const { config } = alertmanager;
  assert.deepEqual(config.global, ours.global);
  const { matchers, ...route } = config.route.routes.at(-1)!;
  assert.deepEqual(matchers, ['category=~"events|pipeline"', 'alertname=~"Falco.+"']);
  assert.deepEqual(route, ours.route);
  assert.deepEqual(config.inhibit_rules.slice(-ours.inhibit_rules.length), ours.inhibit_rules);
  // What the chart brings: without it the chart's own alerts would be told otherwise than before.
  assert.ok(
    config.inhibit_rules.some(({ source_matchers }) => source_matchers?.[0]?.includes('InfoInhibitor')),
  );
  assert.deepEqual(config.receivers, [{ name: 'null' }, ...ours.receivers]);
  assert.equal(alertmanager.templateFiles['falco.tmpl'], read('alertmanager/templates/falco.tmpl').trimEnd());
});

test('every example that is YAML can be read, and names no flag that is not there', () => {
  const files = readdirSync(`${ROOT}examples`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ya?ml$/.test(name),
  );
  assert.ok(files.length >= 5);
  for (const name of files) {
    const text = read(`examples/${name}`);
    for (const document of parseAllDocuments(text, { merge: true }))
      assert.deepEqual(document.errors, [], name);
    for (const [variable] of text.matchAll(/FALCO_EVENT_EXPORTER_\w+/g))
      assert.ok(known.has(variable), variable);
  }
});

test("Kubernetes: the exporter's sidecar, its monitor and its policy speak of the same port", () => {
  const values = parse(read('examples/kubernetes/falco-values.yaml'), { merge: true }) as {
    falco: { file_output: { filename: string; keep_alive: boolean } };
    extra: { initContainers: Record<string, unknown>[] };
  };
  const sidecars = values.extra.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  assert.equal(sidecars.length, 2);
  for (const container of values.extra.initContainers) {
    const security = container.securityContext as Record<string, unknown>;
    assert.equal(security.readOnlyRootFilesystem, true);
    const { drop, add = [] } = security.capabilities as { drop: string[]; add?: string[] };
    assert.deepEqual(drop, ['ALL']);
    assert.ok(sidecars.includes(container) ? add.length === 0 : container.restartPolicy === undefined);
  }
  const exporter = sidecars.find(({ name }) => name === 'falco-event-exporter')!;
  const [port] = exporter.ports as { name: string; containerPort: number }[];
  const monitor = parse(read('examples/kubernetes/pod-monitor.yaml')) as {
    spec: { podMetricsEndpoints: { port: string; honorLabels?: boolean }[] };
  };
  const endpoint = monitor.spec.podMetricsEndpoints.find((one) => one.port === port!.name)!;
  assert.equal(endpoint.honorLabels, true);
  const policy = parse(read('examples/kubernetes/network-policy.yaml')) as {
    spec: { ingress: { ports: { port: number }[] }[] };
  };
  assert.ok(policy.spec.ingress[0]!.ports.some((one) => one.port === port!.containerPort));
  assert.equal(values.falco.file_output.keep_alive, false);
  // The API server's way to the plugin k8saudit is open to more than Prometheus.
  const audit = policy.spec.ingress.find(({ ports }) => ports.some(({ port }) => port === 9765));
  assert.ok(audit && !('from' in audit));
  // The exporter reads the chart's customRules, too: nothing can be mounted below a read-only /etc/falco.
  const rules = (exporter.env as { name: string; value: string }[]).find(({ name }) =>
    /RULES_FILE/.test(name),
  )!;
  const mount = (exporter.volumeMounts as { name: string; mountPath: string }[]).find(
    ({ name }) => name === 'rules-volume',
  )!;
  assert.ok(rules.value.split(',').includes(mount.mountPath));
  assert.ok(!mount.mountPath.startsWith('/etc/falco/'));
});

test('Kubernetes without hostPath: the values that the file names instead fit each other', () => {
  const text = read('examples/kubernetes/falco-values.yaml');
  const uncommented = text
    .replace(/ {4}- name: (falco-events|exporter-state)\n {6}hostPath.*\n/g, '')
    .replace(
      /^( +)# (- name: (?:falco-events|exporter-state)|- \{ name: FALCO_.*| {2}emptyDir.*)$/gm,
      '$1$2',
    );
  const values = parse(uncommented, { merge: true }) as {
    mounts: { volumes: { name: string; emptyDir?: object; hostPath?: object }[] };
    extra: { initContainers: { name: string; env?: { name: string; value: string }[] }[] };
  };
  const { volumes } = values.mounts;
  assert.deepEqual(
    volumes.filter(({ emptyDir }) => emptyDir).map(({ name }) => name),
    ['falco-events', 'exporter-state'],
  );
  assert.ok(volumes.every(({ hostPath }) => !hostPath));
  const exporter = values.extra.initContainers.find(({ name }) => name === 'falco-event-exporter')!;
  const env = new Map(exporter.env!.map(({ name, value }) => [name, value]));
  assert.equal(env.get('FALCO_EVENT_EXPORTER_WEB_LINGER'), '25s');
  assert.equal(env.get('FALCO_EVENT_EXPORTER_WEB_HOLD'), '10s');
});

test('the compose file beside an existing Falco gives the exporter no more than the stack does', () => {
  const stack = readCompose('docker-compose.yml').services['falco-event-exporter']!;
  const beside = readCompose('examples/compose/docker-compose.yml').services['falco-event-exporter']!;
  for (const key of ['image', 'read_only', 'cap_drop', 'security_opt', 'mem_limit', 'restart'] as const)
    assert.deepEqual(beside[key], stack[key], key);
  assert.deepEqual(beside.healthcheck!.test, stack.healthcheck!.test);
});

test('the systemd unit is one that systemd takes, and well locked', {
  skip: without('systemd-analyze'),
}, () => {
  const unit = read('examples/systemd/falco-event-exporter.service');
  for (const [variable] of unit.matchAll(/FALCO_EVENT_EXPORTER_[A-Z]\w+/g))
    assert.ok(known.has(variable), variable);
  // npm puts it into /usr/bin or /usr/local/bin; systemd looks in both. A wrong configuration is not begun again.
  assert.match(unit, /^ExecStart=falco-event-exporter$/m);
  assert.match(unit, /^RestartPreventExitStatus=2$/m);
  const { stdout } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=yes', `${ROOT}examples/systemd/falco-event-exporter.service`],
    { encoding: 'utf8' },
  );
  const exposure = Number(/exposure level[^:]*: ([\d.]+)/.exec(stdout)?.[1]);
  assert.ok(exposure < 2, stdout.slice(-200));
});
