/** `tls_server_config`, and the files that it names. */
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../errors.ts';
import { authorities, pairFault } from '../tls/certificates.ts';
import {
  CIPHER_SUITES,
  CLIENT_AUTH_TYPES,
  CURVES,
  secureOptions,
  TLS_VERSIONS,
  type TlsSettings,
} from '../tls/tls.ts';
import { type Faults, type Section, sayable } from './go-yaml.ts';
import type { WatchedFiles } from './watched-files.ts';

export const TLS_KEYS = [
  ...['cert', 'key', 'client_ca', 'cert_file', 'key_file', 'client_ca_file'],
  ...['client_auth_type', 'client_allowed_sans', 'min_version', 'max_version'],
  ...['cipher_suites', 'prefer_server_cipher_suites', 'curve_preferences'],
];

const AT_KEY = { atKey: true };
const PEM_ADVICE =
  'Certificates and keys are PEM; the key is that of the first certificate, and has no password.';

/** @param path of the configuration: files are named relative to it */
export function readTls(
  section: Section,
  path: string,
  files: WatchedFiles,
  faults: Faults,
): TlsSettings | undefined {
  const type = 'client_auth_type';
  const clientAuth =
    section.text(type) === '' ? 'NoClientCert' : section.word(type, CLIENT_AUTH_TYPES, 'NoClientCert');
  const minVersion = section.word('min_version', TLS_VERSIONS, 'TLS12');
  const maxVersion = section.word('max_version', TLS_VERSIONS, 'TLS13');
  const allowedSans = section.list('client_allowed_sans');
  const cipherSuites = section.list('cipher_suites', CIPHER_SUITES);
  const curves = section.list('curve_preferences', CURVES);
  const preferServerCiphers = section.flag('prefer_server_cipher_suites', true);
  // As there, nothing of these means plain HTTP.
  const enabling = [
    'cert',
    'cert_file',
    'key',
    'key_file',
    'client_ca',
    'client_ca_file',
    'client_auth_type',
  ];
  if (enabling.every((key) => section.text(key) === '')) return undefined;

  const cert = given(section, 'cert', path, files, faults);
  const key = given(section, 'key', path, files, faults);
  const clientCa = given(section, 'client_ca', path, files, faults);
  for (const [what, text] of Object.entries({ cert, key }))
    if (text === undefined) section.wrong(`${what}_file`, `${what}_file or ${what} is missing`, AT_KEY);
  if (cert && key && !faults.any) {
    const fault = pairFault(cert.text, key.text);
    if (fault) tlsFault(section, fault.of === 'cert' ? cert.from : key.from, fault.what, faults);
  }
  const ca = clientCa && authorities(clientCa.text);
  if (clientCa && ca?.length === 0 && !faults.any)
    tlsFault(section, clientCa.from, 'there is no certificate in it: no client could come in', faults);
  if (clientCa && clientAuth === 'NoClientCert')
    section.wrong('client_auth_type', 'with a client CA it must say which clients are verified', AT_KEY);
  if (allowedSans && clientAuth === 'NoClientCert')
    section.wrong('client_allowed_sans', 'needs a client_auth_type that asks for certificates', AT_KEY);
  if (TLS_VERSIONS.indexOf(minVersion) > TLS_VERSIONS.indexOf(maxVersion))
    section.wrong('min_version', 'min_version is above max_version', AT_KEY);
  if (faults.any) return undefined;
  try {
    return secureOptions({
      cert: cert!.text,
      key: key!.text,
      clientCa: ca,
      clientAuth,
      allowedSans,
      minVersion,
      maxVersion,
      cipherSuites,
      preferServerCiphers,
      curves,
    });
  } catch (error) {
    faults.add('WEB_CONFIG_TLS', `OpenSSL refuses this: ${(error as Error).message}`, section.path, {
      advice: PEM_ADVICE,
    });
    return undefined;
  }
}

/** PEM text, and the key that gives it. */
interface Given {
  text: string;
  from: string;
}

/** A file wins over the text itself. @returns undefined where neither is named */
function given(
  section: Section,
  what: 'cert' | 'key' | 'client_ca',
  path: string,
  files: WatchedFiles,
  faults: Faults,
): Given | undefined {
  const from = `${what}_file`;
  const name = section.text(from);
  const text = section.text(what);
  if (name === '') return text === '' ? undefined : { text, from: what };
  try {
    return { text: files.text(resolve(dirname(path), name)), from };
  } catch (error) {
    // Its name is not repeated: it may be a key that was put in the wrong place.
    tlsFault(section, from, `the file can't be read (${systemCode(error) ?? 'fault'})`, faults);
    return { text: '', from };
  }
}

function tlsFault(section: Section, key: string, what: string, faults: Faults): void {
  const place = [...section.path, key];
  faults.add('WEB_CONFIG_TLS', `${sayable(place)}: ${what}`, place, { atKey: true, advice: PEM_ADVICE });
}
