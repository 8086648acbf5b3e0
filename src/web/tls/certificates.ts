/** PEM as Go reads it: it skips other blocks, and text between them. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * What keeps a certificate and a key from serving together; undefined if nothing does. OpenSSL itself takes a key of
 * another kind than the certificate's, and shakes hands with nobody then.
 */
export function pairFault(cert: string, key: string): { of: 'cert' | 'key'; what: string } | undefined {
  const [first] = cert.match(CERTIFICATE) ?? [];
  if (first === undefined) return { of: 'cert', what: 'there is no certificate in it' };
  const leaf = parsed(first);
  if (!leaf) return { of: 'cert', what: 'its first certificate is broken' };
  try {
    return leaf.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : { of: 'key', what: 'it is the key of another certificate' };
  } catch {
    return { of: 'key', what: 'there is no private key in it, or one with a password' };
  }
}

/** The certificates that can be read. */
export function authorities(pem: string): string[] {
  return (pem.match(CERTIFICATE) ?? []).filter((block) => parsed(block) !== undefined);
}

/** Where Go looks for this machine's. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The authorities that this machine trusts, from SSL_CERT_FILE or its usual place; else those that Node brings. */
export function systemAuthorities(): readonly string[] {
  const { SSL_CERT_FILE } = process.env;
  for (const file of SSL_CERT_FILE ? [SSL_CERT_FILE] : SYSTEM_FILES)
    try {
      return authorities(readFileSync(file, 'utf8'));
    } catch {
      // The next one.
    }
  return rootCertificates;
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
