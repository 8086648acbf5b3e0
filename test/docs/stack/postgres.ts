/** A PostgreSQL of the test's own, with the shop's tables and roles as the stack makes them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../prometheus/program.ts';
import { freePort } from '../../support/exporter.ts';

/** Where Debian has the server's programs, each version in a directory of its own. */
const DEBIAN = '/usr/lib/postgresql';
const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
const PROGRAMS = join(DEBIAN, versions[0] ?? '', 'bin');

/** For a test's `skip`: why it can't run, or false; on CI it must. */
export function withoutPostgres(): string | false {
  if (versions.length > 0) return false;
  if (process.env.CI) throw new Error('postgresql is missing, and CI installs it');
  return 'postgresql is not installed';
}

export const SUPERUSER = 'the-password-of-postgres';

export class Postgres {
  /** Its directory, which also has its socket. */
  readonly path = mkdtempSync(join(tmpdir(), 'falco-event-exporter-postgres-'));
  port = 0;

  async start(): Promise<void> {
    this.port = await freePort();
    this.#give(this.path);
    this.#file('superuser', `${SUPERUSER}\n`);
    const role = this.#file('role', readFileSync(join(ROOT, 'secrets/dashboard_password.example'), 'utf8'));
    const sql = readFileSync(join(ROOT, 'examples/postgres/10-shop.sql'), 'utf8');
    const shop = this.#file('shop.sql', sql.replace('/run/secrets/dashboard_password', role));
    // As docker-compose.yml has it: over the network by password, within the container without.
    const how = ['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync', '-U', 'postgres'];
    this.#run('initdb', ...how, `--pwfile=${this.path}/superuser`, '-D', `${this.path}/data`);
    const server = `-F -p ${this.port} -k ${this.path} -c listen_addresses=127.0.0.1 -c log_statement=ddl`;
    this.#run('pg_ctl', 'start', '-w', '-D', `${this.path}/data`, '-l', `${this.path}/log`, '-o', server);
    const client = [
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      this.path,
      '-p',
      String(this.port),
      '-U',
      'postgres',
    ];
    this.#run('psql', ...client, '-c', 'CREATE DATABASE shop');
    this.#run('psql', ...client, '-f', shop);
  }

  /** One statement over the network, as a role with its password. @returns the exit code of psql, when it has ended */
  async ask(role: string, password: string, sql: string): Promise<number | null> {
    const where = ['-h', '127.0.0.1', '-p', String(this.port), '-U', role, 'shop'];
    const child = spawn('psql', [...where, '-c', sql], {
      env: { ...process.env, PGPASSWORD: password },
      stdio: 'ignore',
    });
    return (await once(child, 'exit'))[0];
  }

  /** All that the server wrote into its log. */
  get log(): string {
    return readFileSync(join(this.path, 'log'), 'utf8');
  }

  close(): void {
    if (existsSync(join(this.path, 'data/postmaster.pid')))
      this.#run('pg_ctl', 'stop', '-m', 'immediate', '-D', `${this.path}/data`);
    rmSync(this.path, { recursive: true, force: true });
  }

  #file(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    this.#give(path);
    return path;
  }

  /** The server doesn't run as root. */
  #give(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, id('-u'), id('-g'));
  }

  #run(program: string, ...args: string[]): void {
    const command = [join(PROGRAMS, program), ...args];
    if (process.getuid?.() === 0)
      command.unshift('setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups');
    execFileSync(command[0]!, command.slice(1), { cwd: this.path, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

function id(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
}
