/** Certificates for tests, made by openssl: of an authority, of a server at localhost, and of clients. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  /** Paths of PEM files. */
  cert: string;
  key: string;
}

export class Authority {
  readonly cert: string;
  readonly #directory: string;
  readonly #key: string;

  /**
   * @param name of its files
   * @param issued whether they are there already; else it makes them, and signs itself
   */
  constructor(directory: string, name: string, issued = false) {
    this.#directory = directory;
    this.cert = join(directory, `${name}.crt`);
    this.#key = join(directory, `${name}.key`);
    if (issued) return;
    openssl(directory, [
      'req',
      '-x509',
      ...NEW_KEY,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.#key,
      '-out',
      this.cert,
    ]);
  }

  /** @param alternatives subject alternative names, as openssl writes them: `DNS:localhost,IP:127.0.0.1` */
  issue(name: string, alternatives: string): Pair {
    return this.#sign(name, `subjectAltName=${alternatives}`);
  }

  /** An authority that this one vouches for. */
  authority(name: string): Authority {
    this.#sign(name, 'basicConstraints=critical,CA:TRUE');
    return new Authority(this.#directory, name, true);
  }

  #sign(name: string, extension: string): Pair {
    const path = (extension: string) => join(this.#directory, `${name}.${extension}`);
    openssl(this.#directory, [
      'req',
      ...NEW_KEY,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      path('key'),
      '-out',
      path('csr'),
    ]);
    writeFileSync(path('ext'), `${extension}\n`);
    openssl(this.#directory, [
      ...['x509', '-req', '-days', '2', '-in', path('csr'), '-CA', this.cert, '-CAkey', this.#key],
      ...['-CAcreateserial', '-extfile', path('ext'), '-out', path('crt')],
    ]);
    return { cert: path('crt'), key: path('key') };
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(cwd: string, args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
