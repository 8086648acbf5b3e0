/** Translates the TLS settings of exporter-toolkit, which are Go's, for Node and OpenSSL; and decides which clients may pass. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureVersion,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { alternativeNames, canonical } from './alternative-names.ts';
import { systemAuthorities } from './certificates.ts';

export const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
type TlsVersion = (typeof TLS_VERSIONS)[number];

/** Go's names; RequireClientCert is what exporter-toolkit called RequireAnyClientCert at first. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
type ClientAuth = (typeof CLIENT_AUTH_TYPES)[number];

/** Those of TLS 1.3, which are always there. */
const TLS13_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/** What Go's tls.CipherSuites() names (1.22 and later: none without forward secrecy), and OpenSSL's words for it. */
const OPENSSL_CIPHERS = new Map<string, string>([
  ...TLS13_SUITES.map((name) => [name, name] as const),
  ...['ECDSA', 'RSA'].flatMap((kind) =>
    (
      [
        ['AES_128_CBC_SHA', 'AES128-SHA'],
        ['AES_256_CBC_SHA', 'AES256-SHA'],
        ['AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
        ['AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
        ['CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305'],
      ] as const
    ).map(([name, word]) => [`TLS_ECDHE_${kind}_WITH_${name}`, `ECDHE-${kind}-${word}`] as const),
  ),
]);
export const CIPHER_SUITES: ReadonlySet<string> = new Set(OPENSSL_CIPHERS.keys());

const OPENSSL_CURVES = new Map([
  ['CurveP256', 'P-256'],
  ['CurveP384', 'P-384'],
  ['CurveP521', 'P-521'],
  ['X25519', 'X25519'],
]);
export const CURVES: ReadonlySet<string> = new Set(OPENSSL_CURVES.keys());

export interface TlsSource {
  /** PEM. */
  cert: string;
  key: string;
  /** PEM, one each. Undefined: those of this machine. */
  clientCa: readonly string[] | undefined;
  clientAuth: ClientAuth;
  /** A client's certificate must have one of these as a subject alternative name. */
  allowedSans: readonly string[] | undefined;
  minVersion: TlsVersion;
  maxVersion: TlsVersion;
  /** None or an empty list: all. */
  cipherSuites: readonly string[] | undefined;
  preferServerCiphers: boolean;
  curves: readonly string[] | undefined;
}

export interface TlsSettings {
  options: TlsOptions;
  /** All that a handshake is made by but the server's own certificate. */
  rules: Omit<TlsSource, 'cert' | 'key'>;
  /** Differs where the rules do. */
  digest: string;
  /** Whether a client may go on, once its handshake is done; what it was made by is known from then on. */
  admits(socket: TLSSocket): boolean;
  /** Whether its handshake proved who it is: by a certificate of a given CA, or of this machine's and a name. */
  proves(socket: TLSSocket): boolean;
}

const handshakes = new WeakMap<Socket, TlsSettings>();

/** By which settings a connection came in; undefined where it is plain HTTP. */
export function handshakeOf(socket: Socket): TlsSettings | undefined {
  return handshakes.get(socket);
}

/** A handshake may take so long; milliseconds. */
const HANDSHAKE = 10_000;

const NODE_VERSION: Record<TlsVersion, SecureVersion> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** @throws what OpenSSL says of a certificate, key or name that it can't use */
export function secureOptions({ cert, key, ...rules }: TlsSource): TlsSettings {
  const { clientAuth, clientCa, allowedSans, curves, minVersion } = rules;
  const verifies = clientAuth.includes('Verify');
  const ca = clientCa ?? (verifies ? systemAuthorities() : undefined);
  const context = {
    cert,
    key,
    minVersion: NODE_VERSION[minVersion],
    maxVersion: NODE_VERSION[rules.maxVersion],
    honorCipherOrder: rules.preferServerCiphers,
    ciphers: ciphers(rules.cipherSuites ?? [], minVersion),
    // An authority that is given is trusted, no matter who signed it.
    allowPartialTrustChain: true,
    ...(ca && { ca: [...ca] }),
    ...(curves &&
      curves.length > 0 && { ecdhCurve: curves.map((name) => OPENSSL_CURVES.get(name)).join(':') }),
  };
  createSecureContext(context);
  const sans = allowedSans && new Set(allowedSans.map(canonical));
  const settings: TlsSettings = {
    options: {
      ...context,
      requestCert: clientAuth !== 'NoClientCert',
      // Who may pass is decided in `admits`, by the rules of Go's types.
      rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
      handshakeTimeout: HANDSHAKE,
      ALPNProtocols: ['http/1.1'],
    },
    rules,
    digest: createHash('sha256')
      .update(JSON.stringify({ ...rules, ca }))
      .digest('hex'),
    admits(socket) {
      const admitted = admits(socket, clientAuth, sans);
      if (admitted) handshakes.set(socket, settings);
      return admitted;
    },
    proves: (socket) =>
      verifies &&
      (clientCa ?? sans) !== undefined &&
      socket.getPeerX509Certificate() !== undefined &&
      admits(socket, 'RequireAndVerifyClientCert', sans),
  };
  return settings;
}

function admits(socket: TLSSocket, clientAuth: ClientAuth, sans: ReadonlySet<string> | undefined): boolean {
  if (clientAuth === 'NoClientCert') return true;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return !clientAuth.startsWith('Require') && !sans;
  if (clientAuth.includes('Verify') && !socket.authorized) return false;
  return !sans || alternativeNames(certificate.subjectAltName ?? '').some((name) => sans.has(name));
}

/** Go's list is of TLS 1.2 and older only; Node's must name those of 1.3 too, or there is no 1.3. */
function ciphers(suites: readonly string[], minVersion: TlsVersion): string {
  const named = suites.map((name) => OPENSSL_CIPHERS.get(name)!);
  const list = suites.length === 0 ? [DEFAULT_CIPHERS] : [...new Set([...TLS13_SUITES, ...named])];
  // OpenSSL speaks 1.0 and 1.1 at this level only.
  return [...list, ...(minVersion < 'TLS12' ? ['@SECLEVEL=0'] : [])].join(':');
}
