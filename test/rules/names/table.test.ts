/** The table that scripts/falco-names.ts makes: samples of each kind, so that a run that loses a part is seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, FieldSet, plugins, sources } from '../../../src/rules/names/fields.ts';
import { stockFile } from '../../../src/rules/names/stock.ts';
import { CLASSES, ENGINE, FALCO } from '../../../src/rules/names/table.ts';

const KNOWN: Record<string, string[]> = {
  syscall: [
    'evt.num evt.time evt.type evt.dir evt.arg[0] evt.arg.filename evt.rawarg.res evt.rawres evt.abspath evt.abspath.src',
    'evt.type.is.open evt.is_open_write evt.hostname evt.source syscall.type fd.name fd.sip fd.snet fd.types fd.types[3]',
    'proc.name proc.aname proc.aname[2] proc.apid[1] proc.args[0] proc.env proc.env[HOME] proc.aenv[X]',
    'thread.tid thread.cgroup.cpu thread.cgroups user.name group.gid fs.path.name fs.path.target fdlist.names',
    'container.name container.id container.label[app] container.mount[0] container.mount.dest[/x] container.image.tag',
    'k8s.ns.name k8s.pod.label[app] k8s.pod.name proc.is_container_healthcheck k8smeta.ns.name k8smeta.pod.label[a]',
    'json.value[/a]',
  ],
  k8s_audit: [
    'evt.num ka.verb ka.target.namespace ka.req.pod.containers.image[0] ka.uri.param[x] jevt.value[/a]',
  ],
  aws_cloudtrail: ['evt.time ct.name ct.user.accountid s3.bytes ec2.imageids[0] json.obj'],
  okta: ['okta.evt.type okta.mfa.failure.countlast[300] okta.targets.displayName'],
  github: ['github.type github.repo.url'],
  gcp_auditlog: ['gcp.user gcp.methodName'],
};

for (const [source, names] of Object.entries(KNOWN))
  test(`fields of ${source}`, () => {
    const fields = FieldSet.of(source);
    for (const written of names.join(' ').split(' ')) {
      const [, name, argument] = /^([^[]+)(?:\[(.*)\])?$/.exec(written)!;
      assert.equal(typeof fields.find(name!, argument), 'object', written);
    }
    for (const name of ['no.such', 'proc.nme', source === 'syscall' ? 'ka.verb' : 'proc.name'])
      assert.equal(typeof fields.find(name, undefined), 'string', name);
  });

test('types, lists and arguments', () => {
  const fields = FieldSet.of('syscall');
  const of = (name: string, argument?: string) => {
    const field = fields.find(name, argument);
    return typeof field === 'string' ? field : `${field.type}${field.list ? '*' : ''}`;
  };
  assert.equal(of('proc.pid'), 'INT64');
  assert.equal(of('fd.types'), 'CHARBUF*');
  assert.equal(of('evt.rawarg.flags'), 'FLAGS32');
  assert.equal(of('evt.failed'), 'BOOL');
  assert.equal(of('fd.snet'), 'IPNET');
  assert.equal(of('k8smeta.svc.name'), 'CHARBUF*');
  assert.equal(of('k8smeta.ns.name'), 'CHARBUF');
  assert.match(of('container.label'), /needs an argument/);
  assert.match(of('proc.aname', 'x'), /must be a number/);
});

test('event types: of libs, system calls, and what the container plugin adds', () => {
  for (const name of [
    'open',
    'execve',
    'clone3',
    'io_uring_setup',
    'procexit',
    'container',
    'switch',
    'uname',
  ])
    assert.ok(eventTypes.has(name), name);
  for (const name of ['opne', 'OPEN', '', 'syscalls']) assert.ok(!eventTypes.has(name), name);
});

test('its versions, sources and stock files', () => {
  assert.match(FALCO, /^0\.44\./);
  assert.equal(ENGINE, '0.62.0');
  assert.deepEqual([...sources], Object.keys(KNOWN));
  assert.deepEqual([...plugins].sort(), [
    'cloudtrail',
    'container',
    'gcpaudit',
    'github',
    'json',
    'k8saudit',
    'k8smeta',
    'okta',
  ]);
  for (const { version } of CLASSES) assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.equal(stockFile('rule', 'Terminal shell in container')?.file, 'falco_rules.yaml');
  assert.equal(stockFile('macro', 'spawned_process')?.file, 'falco_rules.yaml');
  assert.equal(stockFile('list', 'no such'), undefined);
});
