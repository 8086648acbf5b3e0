/** From the words of exporter-toolkit (which are Go's) to what Node and OpenSSL understand; and which clients may pass. */
import { createSecureContext, type SecureVersion, type TLSSocket, type TlsOptions } from 'node:tls';

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

export interface TlsSource {
  /** PEM. */
  cert: string;
  key: string;
  clientCa: string | undefined;
  clientAuth: ClientAuth;
  /** A client's certificate must have one of these as a subject alternative name. */
  allowedSans: readonly string[] | undefined;
  minVersion: TlsVersion;
  maxVersion: TlsVersion;
  cipherSuites: readonly string[] | undefined;
  preferServerCiphers: boolean;
  curves: readonly string[] | undefined;
}

export interface TlsSettings {
  options: TlsOptions;
  /** Whether only clients with a certificate of the given CA come in. */
  knowsClients: boolean;
  /** Whether a client may go on, once its handshake is done. */
  admits(socket: TLSSocket): boolean;
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
export function secureOptions(source: TlsSource): TlsSettings {
  const { clientAuth, allowedSans } = source;
  const context = {
    cert: source.cert,
    key: source.key,
    minVersion: NODE_VERSION[source.minVersion],
    maxVersion: NODE_VERSION[source.maxVersion],
    honorCipherOrder: source.preferServerCiphers,
    ...(source.clientCa !== undefined && { ca: source.clientCa }),
    ...(source.cipherSuites && { ciphers: ciphers(source.cipherSuites) }),
    ...(source.curves && { ecdhCurve: source.curves.map(openSslCurve).join(':') }),
  };
  createSecureContext(context);
  return {
    options: {
      ...context,
      requestCert: clientAuth !== 'NoClientCert',
      // Who may pass is decided in `admits`, by the rules of Go's types.
      rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
      handshakeTimeout: HANDSHAKE,
      ALPNProtocols: ['http/1.1'],
    },
    knowsClients: clientAuth === 'RequireAndVerifyClientCert',
    admits: (socket) => admits(socket, clientAuth, allowedSans),
  };
}

function admits(
  socket: TLSSocket,
  clientAuth: ClientAuth,
  allowedSans: readonly string[] | undefined,
): boolean {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return true;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return clientAuth === 'VerifyClientCertIfGiven';
  if (clientAuth.includes('Verify') && !socket.authorized) return false;
  if (!allowedSans) return true;
  return alternativeNames(certificate.subjectAltName ?? '').some((name) => allowedSans.includes(name));
}

/** The names in OpenSSL's text form: `DNS:a.example, IP Address:10.0.0.1`; odd ones stand quoted, as JSON. */
export function alternativeNames(text: string): string[] {
  const names: string[] = [];
  for (const [, value] of text.matchAll(/\w[\w ]*:("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy))
    names.push(value!.startsWith('"') ? (JSON.parse(value!) as string) : value!);
  return names;
}

/** Go's list is of TLS 1.2 and older only; Node's must name those of 1.3 too, or there is no 1.3. */
function ciphers(suites: readonly string[]): string {
  return [...new Set([...TLS13_SUITES, ...suites.map(openSslCipher)])].join(':');
}

const TLS13_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/** `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` → `ECDHE-RSA-AES128-GCM-SHA256`; TLS 1.3's are named alike. */
function openSslCipher(name: string): string {
  if (!name.includes('_WITH_')) return name;
  return name
    .replace(/^TLS_/, '')
    .replace('_WITH_', '_')
    .replace(/AES_(\d+)_CBC/, 'AES$1')
    .replace(/AES_(\d+)/, 'AES$1')
    .replace(/(CHACHA20_POLY1305)_SHA256$/, '$1')
    .replace(/^RSA_/, '')
    .replaceAll('_', '-');
}

/** `CurveP256` → `P-256`. */
function openSslCurve(name: string): string {
  return name.replace(/^CurveP(\d+)$/, 'P-$1');
}
