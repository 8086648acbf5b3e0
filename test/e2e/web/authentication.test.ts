/** Authentication against real clients: curl and openssl. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { hashSync } from 'bcryptjs';
import { Authority, type Pair } from '../../support/certificates.ts';
import { command, Exporter, pause, temporary } from '../../support/exporter.ts';
import { without } from '../../support/programs.ts';

const skip = without('curl') || without('openssl');
const directory = temporary();
const at = (name: string) => join(directory.path, name);
let authority: Authority;
let stranger: Authority;
let server: Pair;
let client: Pair;
let other: Pair;
let foreign: Pair;

before(() => {
  if (skip) return;
  authority = new Authority(directory.path, 'authority');
  stranger = new Authority(directory.path, 'stranger');
  server = authority.issue('server', 'DNS:localhost,IP:127.0.0.1');
  client = authority.issue('prometheus', 'DNS:prometheus.example');
  other = authority.issue('other', 'DNS:other.example');
  foreign = stranger.issue('foreign', 'DNS:prometheus.example');
});
after(() => directory.remove());

/** Written whole, as one who takes care does. */
function configure(name: string, text: string): string {
  writeFileSync(at(`${name}.new`), text);
  renameSync(at(`${name}.new`), at(name));
  return at(name);
}

/** A certificate with that of the authority that issued it. */
function chained({ cert }: Pair, issuer: Authority): string {
  writeFileSync(`${cert}.chain`, readFileSync(cert, 'utf8') + readFileSync(issuer.cert, 'utf8'));
  return `${cert}.chain`;
}

async function start(
  t: TestContext,
  config: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Exporter> {
  writeFileSync(at('events.json'), '');
  const exporter = await Exporter.start(
    [`--input.file=${at('events.json')}`, '--state.dir=', `--web.config.file=${config}`, ...args],
    { env },
  );
  t.after(() => exporter.end('SIGKILL'));
  return exporter;
}

/** @returns curl's exit code, the status that it saw ("000": none) and the body */
async function curl(args: string[]): Promise<{ code: number | null; status: string; body: string }> {
  const { code, stdout } = await run('curl', ['-sS', '--max-time', '10', '-w', '\n%{http_code}', ...args]);
  const end = stdout.lastIndexOf('\n');
  return { code, status: stdout.slice(end + 1), body: stdout.slice(0, end) };
}

async function run(program: string, args: string[]): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout };
}

async function until(exporter: Exporter, wanted: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!(await wanted())) {
    assert.ok(Date.now() < limit, `not in 10 s: ${exporter.log}`);
    await pause(100);
  }
}

const https = (exporter: Exporter, path = '/metrics') => `https://localhost:${exporter.port}${path}`;
const handshake = (exporter: Exporter, ...args: string[]) =>
  run('openssl', ['s_client', '-connect', `127.0.0.1:${exporter.port}`, '-CAfile', authority.cert, ...args]);

const TLS = () => `tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n`;

test('users: right, wrong and no password', { skip }, async (t) => {
  const users = `basic_auth_users:\n  alice: ${hashSync('secret', 5).replace('$2b$', '$2y$')}\n`;
  const exporter = await start(t, configure('users.yml', users), ['--input.http']);
  const url = exporter.url('/metrics');
  assert.equal((await curl(['-u', 'alice:secret', url])).status, '200');
  for (const args of [['-u', 'alice:wrong'], ['-u', 'mallory:secret'], ['-u', 'alice:'], []])
    for (const path of ['/metrics', '/', '/healthz', '/api/events', '/style.css', '/nowhere'])
      assert.equal((await curl([...args, exporter.url(path)])).status, '401', `${args} ${path}`);
  assert.match((await curl(['-D', '-', '-o', '/dev/null', url])).body, /www-authenticate: basic/i);
  // Who is known may see and send events from anywhere.
  const from = ['-H', 'X-Forwarded-For: 10.0.0.1', '-u', 'alice:secret'];
  assert.equal((await curl([...from, exporter.url('/api/events')])).status, '200');
  const event = ['-H', 'Content-Type: application/json', '-d', '{"rule":"R","priority":"Error"}'];
  assert.equal((await curl([...from, ...event, exporter.url('/events')])).status, '204');
  assert.equal((await curl([...event, exporter.url('/events')])).status, '401');
  const { body } = await curl(['-u', 'alice:secret', url]);
  assert.match(body, /falco_events_total\{rule="R",service="unknown",priority="error"\} 1/);
});

test('TLS: 1.2 and 1.3, not 1.1, and no plain HTTP', { skip }, async (t) => {
  const exporter = await start(t, configure('tls.yml', TLS()));
  assert.equal((await curl(['--cacert', authority.cert, https(exporter)])).status, '200');
  assert.notEqual((await curl([https(exporter)])).code, 0);
  assert.equal((await curl([exporter.url('/metrics')])).status, '000');
  for (const [version, agreed] of [
    ['-tls1_3', /TLSv1\.3/],
    ['-tls1_2', /TLSv1\.2/],
  ] as const)
    assert.match((await handshake(exporter, version)).stdout, agreed);
  const old = await handshake(exporter, '-tls1_1', '-cipher', 'DEFAULT:@SECLEVEL=0');
  assert.match(old.stdout, /alert protocol version|no protocols available|Cipher is \(NONE\)/);
});

test('TLS: versions, ciphers and curves as configured', { skip }, async (t) => {
  const file = configure(
    'narrow.yml',
    `${TLS()}  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n  curve_preferences: [CurveP384]\n`,
  );
  const exporter = await start(t, file);
  const { stdout } = await handshake(exporter, '-cipher', 'ALL');
  assert.match(stdout, /ECDHE-ECDSA-AES256-GCM-SHA384/);
  assert.match(stdout, /P-384|secp384r1/);
  assert.match((await handshake(exporter, '-tls1_3')).stdout, /Cipher is \(NONE\)/);
  assert.match(
    (await handshake(exporter, '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256')).stdout,
    /Cipher is \(NONE\)/,
  );
});

test('client certificates: required, of the right authority, of the right name', { skip }, async (t) => {
  const file = configure(
    'clients.yml',
    `${TLS()}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n  client_allowed_sans: [prometheus.example]\n`,
  );
  const exporter = await start(t, file);
  const ask = (pair?: Pair, path = '/metrics') =>
    curl([
      '--cacert',
      authority.cert,
      ...(pair ? ['--cert', pair.cert, '--key', pair.key] : []),
      https(exporter, path),
    ]);
  assert.equal((await ask(client)).status, '200');
  for (const refused of [undefined, other, foreign]) {
    const { code, status } = await ask(refused);
    assert.deepEqual([code === 0, status], [false, '000']);
  }
  // With TLS 1.2 too, where the client learns of it within the handshake.
  assert.equal((await curl(['--tls-max', '1.2', '--cacert', authority.cert, https(exporter)])).status, '000');
  // Who has such a certificate is known.
  const remote = [
    '-H',
    'X-Forwarded-For: 10.0.0.1',
    '--cacert',
    authority.cert,
    '--cert',
    client.cert,
    '--key',
    client.key,
  ];
  assert.equal((await curl([...remote, https(exporter, '/api/events')])).status, '200');
});

test('client certificates: asked for, required or verified, as the type says', { skip }, async (t) => {
  const outcome = async (exporter: Exporter, pair?: Pair) =>
    (
      await curl([
        '--cacert',
        authority.cert,
        ...(pair ? ['--cert', pair.cert, '--key', pair.key] : []),
        https(exporter),
      ])
    ).status;
  for (const [type, none, ours, foreigners] of [
    ['RequestClientCert', '200', '200', '200'],
    ['RequireAnyClientCert', '000', '200', '200'],
    ['VerifyClientCertIfGiven', '200', '200', '000'],
  ] as const) {
    const exporter = await start(
      t,
      configure(`${type}.yml`, `${TLS()}  client_auth_type: ${type}\n  client_ca_file: authority.crt\n`),
    );
    assert.deepEqual(
      [await outcome(exporter), await outcome(exporter, client), await outcome(exporter, foreign)],
      [none, ours, foreigners],
      type,
    );
    await exporter.end();
  }
});

test('a changed configuration and a changed certificate are taken up; a wrong one is not, and is said', {
  skip,
}, async (t) => {
  copyFileSync(server.cert, at('live.crt'));
  copyFileSync(server.key, at('live.key'));
  const tls = 'tls_server_config:\n  cert_file: live.crt\n  key_file: live.key\n';
  const exporter = await start(t, configure('live.yml', tls));
  const status = async (...args: string[]) => (await curl(['-k', ...args, https(exporter)])).status;
  assert.equal(await status(), '200');

  const renewed = authority.issue('renewed', 'DNS:localhost');
  renameSync(renewed.key, at('live.key'));
  renameSync(renewed.cert, at('live.crt'));
  await until(exporter, async () => /CN ?= ?renewed/.test((await handshake(exporter)).stdout));

  configure('live.yml', `${tls}basic_auth_users:\n  alice: ${hashSync('secret', 4)}\n`);
  await until(exporter, async () => (await status()) === '401');
  assert.equal(await status('-u', 'alice:secret'), '200');

  configure('live.yml', `${tls}basic_auth_users:\n  alice: no hash\n`);
  await until(exporter, async () => exporter.log.includes('WEB_CONFIG_TYPE'));
  assert.match(exporter.log, /live\.yml:5:10/);
  assert.deepEqual([await status('-u', 'alice:secret'), await status()], ['200', '401']);

  const users = `basic_auth_users:\n  alice: ${hashSync('secret', 4)}\n`;
  configure('live.yml', tls + users);
  // Another's key, and a certificate that is only half there, take no working pair's place.
  copyFileSync(server.key, at('live.key'));
  await until(exporter, async () => /live\.yml:3:3.*|file=\S*live\.yml:3:3/.test(exporter.log));
  assert.match((await handshake(exporter)).stdout, /CN ?= ?renewed/);
  copyFileSync(server.cert, at('live.crt'));
  await until(exporter, async () => /CN ?= ?server/.test((await handshake(exporter)).stdout));

  // Whatever is left of a file that was cut short, it opens nothing; nor does one that can't be reached.
  let refusals = exporter.log.split('web configuration stays in use').length - 1;
  for (const less of ['', `${tls}basic_auth_users:\n`, `${tls}basic_`]) {
    configure('live.yml', less);
    refusals++;
    await until(exporter, async () => exporter.log.split('web configuration stays in use').length > refusals);
    assert.deepEqual([await status('-u', 'alice:secret'), await status()], ['200', '401'], less);
  }
  assert.match(exporter.log, /code=WEB_CONFIG_PROTECTION .*users/);
  unlinkSync(at('live.yml'));
  symlinkSync('live.yml', at('live.yml'));
  await until(exporter, async () => /ELOOP/.test(exporter.log));
  assert.deepEqual([await status('-u', 'alice:secret'), await status()], ['200', '401']);
  unlinkSync(at('live.yml'));

  // In words it does.
  configure('live.yml', 'tls_server_config: {}\nbasic_auth_users: {}\n');
  await until(exporter, async () => (await curl([exporter.url('/metrics')])).status === '200');
});

test('a connection from before client certificates were required is known to nobody after', {
  skip,
}, async (t) => {
  const exporter = await start(t, configure('later.yml', TLS()), ['--input.http']);
  const options = { host: '127.0.0.1', port: exporter.port, rejectUnauthorized: false };
  const session = (at: string, way: string) =>
    handshake(exporter, '-tls1_2', way, at).then(({ stdout }) => /^(New|Reused), /m.exec(stdout)?.[1]);
  await session(at('ticket'), '-sess_out');
  assert.equal(await session(at('ticket'), '-sess_in'), 'Reused');
  const remote = 'Host: elsewhere.example\r\n';
  const connection = connectTls(options);
  let answers = '';
  connection.on('error', () => undefined);
  connection.setEncoding('utf8').on('data', (text: string) => {
    answers += text;
  });
  connection.write(`GET /healthz HTTP/1.1\r\n${remote}\r\n`);
  await until(exporter, () => answers.includes('ok'));
  // A request that is not whole yet.
  connection.write(`GET /api/events HTTP/1.1\r\n${remote}`);

  configure(
    'later.yml',
    `${TLS()}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n`,
  );
  await until(exporter, () => exporter.log.includes('read again'));
  answers = '';
  if (!connection.destroyed) connection.write('\r\n');
  await until(exporter, () => connection.destroyed);
  assert.doesNotMatch(answers, / 200 /);
  // No ticket from before stands for a certificate.
  assert.notEqual(await session(at('ticket'), '-sess_in'), 'Reused');
  const ask = (...args: string[]) =>
    curl([
      '--cacert',
      authority.cert,
      '-H',
      'Host: elsewhere.example',
      ...args,
      https(exporter, '/api/events'),
    ]);
  assert.equal((await ask()).status, '000');
  assert.equal((await ask('--cert', client.cert, '--key', client.key)).status, '200');
});

test("client certificates: by an intermediate authority, by the addresses in them, by this machine's authorities", {
  skip,
}, async (t) => {
  const middle = authority.authority('middle');
  const six = middle.issue('six', 'IP:2001:db8::1,DNS:six.example');
  const public4 = authority.issue('four', 'IP:10.1.2.3');
  const pair = ({ cert, key }: Pair) => ['--cert', cert, '--key', key];
  const ask = async (exporter: Exporter, ...args: string[]) =>
    (
      await curl([
        ...['--cacert', authority.cert, '-H', 'Host: elsewhere.example'],
        ...[...args, https(exporter, '/api/events')],
      ])
    ).status;
  const must = `${TLS()}  client_auth_type: RequireAndVerifyClientCert\n`;

  const byMiddle = await start(t, configure('middle.yml', `${must}  client_ca_file: middle.crt\n`));
  // Node 20 doesn't let OpenSSL trust an authority whose own issuer it doesn't know.
  const trusted = Number(process.versions.node.split('.')[0]) >= 22 ? '200' : '000';
  assert.deepEqual(
    [await ask(byMiddle, ...pair(six)), await ask(byMiddle, ...pair(public4))],
    [trusted, '000'],
  );

  const names = `${must}  client_ca_file: authority.crt\n  client_allowed_sans: ["2001:DB8::1", 10.1.2.3]\n`;
  const byName = await start(t, configure('names.yml', names));
  const withChain = ['--cert', chained(six, middle), '--key', six.key];
  assert.deepEqual(
    [
      await ask(byName, ...withChain),
      await ask(byName, ...pair(public4)),
      await ask(byName, ...pair(client)),
    ],
    ['200', '200', '000'],
  );

  // Whoever has a certificate of an authority that this machine trusts may come in, as in exporter-toolkit; but is nobody.
  const bySystem = await start(t, configure('system.yml', must), [], { SSL_CERT_FILE: authority.cert });
  assert.deepEqual(
    [await ask(bySystem, ...pair(client)), await ask(bySystem, ...pair(foreign))],
    ['403', '000'],
  );

  // A certificate that is not asked for makes known, too, where it is verified.
  const optional = `${TLS()}  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: authority.crt\n`;
  const perhaps = await start(t, configure('perhaps.yml', optional));
  assert.deepEqual([await ask(perhaps, ...pair(client)), await ask(perhaps)], ['200', '403']);
});

test('TLS 1.0 and 1.1 where they are asked for', { skip }, async (t) => {
  const exporter = await start(t, configure('old.yml', `${TLS()}  min_version: TLS10\n`));
  for (const version of ['-tls1', '-tls1_1', '-tls1_2', '-tls1_3'])
    assert.doesNotMatch(
      (await handshake(exporter, version, '-cipher', 'DEFAULT:@SECLEVEL=0')).stdout,
      /Cipher is \(NONE\)/,
      version,
    );
});

test('a wrong configuration at the start stops it with the place', async () => {
  const file = configure('wrong.yml', 'basic_auth_users:\n  alice: secret\n');
  const { code, stderr } = await command([
    '--web.listen-address=127.0.0.1:0',
    '--state.dir=',
    `--web.config.file=${file}`,
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /wrong\.yml:2:10: .*\[WEB_CONFIG_TYPE\]/);
  assert.doesNotMatch(stderr, /secret/);
  const checked = await command(['check', `--web.config.file=${file}`]);
  assert.equal(checked.code, 1);
  assert.match(checked.stderr, /wrong\.yml:2:10: .*\[WEB_CONFIG_TYPE\]/);
});

test('rate limit and headers of the configuration', { skip }, async (t) => {
  const file = configure(
    'limits.yml',
    'rate_limit:\n  interval: 1h\n  burst: 3\nhttp_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n    Strict-Transport-Security: max-age=60\n',
  );
  const exporter = await start(t, file);
  const answers = [];
  for (let asked = 0; asked < 5; asked++)
    answers.push(await curl(['-D', '-', '-o', '/dev/null', exporter.url('/metrics')]));
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['200', '200', '200', '429', '429'],
  );
  // Health is always told, and who asks from another address has not asked too often.
  assert.equal((await curl([exporter.url('/healthz')])).status, '200');
  assert.equal((await curl(['--interface', '127.0.0.2', exporter.url('/metrics')])).status, '200');
  assert.match(answers[0]!.body, /x-frame-options: sameorigin/i);
  assert.match(answers[0]!.body, /strict-transport-security: max-age=60/i);
});
