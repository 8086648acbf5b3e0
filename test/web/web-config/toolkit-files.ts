/** The certificates and keys, right and wrong, that the cases name. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../support/certificates.ts';

export function makeFiles(directory: string): void {
  const at = (name: string) => join(directory, name);
  const read = (name: string) => readFileSync(at(name), 'utf8');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const authority = new Authority(directory, 'authority');
  authority.issue('server', 'DNS:localhost');
  authority.issue('other', 'DNS:localhost');
  const self = ['-nodes', '-x509', '-subj', '/CN=localhost', '-days', '30'];
  openssl('req', ...self, '-newkey', 'rsa:2048', '-keyout', 'rsa.key', '-out', 'rsa.crt');
  openssl('req', ...self, '-newkey', 'ed25519', '-keyout', 'ed.key', '-out', 'ed.crt');
  openssl('pkcs8', '-topk8', '-in', 'server.key', '-out', 'locked.key', '-passout', 'pass:secret');
  writeFileSync(at('empty.pem'), '');
  writeFileSync(at('half.crt'), read('server.crt').slice(0, 300));
  writeFileSync(at('half.key'), read('server.key').slice(0, 100));
  writeFileSync(at('both.pem'), read('server.key') + read('server.crt'));
  writeFileSync(at('chain.pem'), read('server.crt') + read('authority.crt'));
  writeFileSync(at('chatty.crt'), `subject=/CN=server\n\n${read('server.crt')}\nand so on\n`);
  writeFileSync(at('windows.crt'), read('server.crt').replaceAll('\n', '\r\n'));
}
