/** Who may see and say: whoever has the token, as `Bearer`, or as the password of any user for browsers. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const MOST = 4096;

export class Token {
  readonly #hash: Buffer;

  constructor(token: string) {
    this.#hash = digest(token);
  }

  /** @returns by which way it was given, and under which name; undefined: not, or a wrong one */
  given({ headers }: IncomingMessage): { by: string; browser: boolean } | undefined {
    const { authorization = '' } = headers;
    if (authorization.length > MOST) return undefined;
    const [, bearer] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (bearer !== undefined) return this.#isRight(bearer) ? { by: 'token', browser: false } : undefined;
    const [, basic] = /^basic +(\S+)$/i.exec(authorization) ?? [];
    if (basic === undefined) return undefined;
    const [, user = '', password = ''] =
      /^([^:]*):([\s\S]*)$/.exec(Buffer.from(basic, 'base64').toString()) ?? [];
    return this.#isRight(password) ? { by: user.slice(0, 100) || 'token', browser: true } : undefined;
  }

  #isRight(given: string): boolean {
    return timingSafeEqual(digest(given), this.#hash);
  }
}

/**
 * Whether a browser sends this for a page of ours: it keeps a password, and would give it to what another site asks for.
 */
export function isOurOwn({ headers }: IncomingMessage): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return false;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
