/** The responder's own port. What is asked for is checked in this order: the path, the token, where it comes from. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Address, addressText } from '../../config/address.ts';
import { ExporterError, systemCode, systemReason } from '../../errors.ts';
import { wordsOf } from './alertmanager.ts';
import { doneOf, page, pendingOf, STYLE, type View } from './page.ts';
import { isOurOwn, type Token } from './token.ts';

/** Milliseconds. */
const [HEADERS, REQUEST] = [5000, 10_000];
const MOST_CONNECTIONS = 100;
const MOST_BODY = 256 * 1024;

export interface ServerOptions {
  view(): View;
  /** Undefined: nobody may see or say anything. */
  token(): Token | undefined;
  metrics(): Promise<string>;
  /** Why it isn't ready; undefined when it is. */
  notReady(): string | undefined;
  /** @returns false where nobody asks this, or not any more */
  say(ask: string, word: 'approved' | 'refused', by: string): boolean;
  failed(error: unknown): void;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const HEADERS_OF_ALL = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'deny',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export class ResponderServer {
  readonly #options: ServerOptions;
  readonly #server: Server;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { headersTimeout: HEADERS, requestTimeout: REQUEST, connectionsCheckingInterval: 2000 },
      (request, response) => {
        this.#answer(request, response).catch((error: unknown) => {
          options.failed(error);
          if (!response.headersSent) text(response, 500, 'This could not be answered; the log says why.');
          response.destroy();
        });
      },
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** @returns where it listens @throws WEB_ADDRESS_IN_USE or WEB_ADDRESS */
  async listen(place: Address): Promise<Address> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(addressFault(place, error)));
      const { host, port } = place;
      this.#server.listen({ port, ...(host !== undefined && { host }) }, resolve);
    });
    const bound = this.#server.address();
    return { host: place.host, port: typeof bound === 'object' && bound ? bound.port : place.port };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const [path] = url.split('?', 1);
    for (const [name, value] of Object.entries(HEADERS_OF_ALL)) response.setHeader(name, value);
    if (method === 'POST') return this.#post(request, response, path!);
    if (method !== 'GET' && method !== 'HEAD') return text(response, 405, 'GET and POST are all there is.');
    switch (path) {
      case '/healthz':
        return text(response, 200, 'ok');
      case '/readyz': {
        const why = this.#options.notReady();
        return text(response, why === undefined ? 200 : 503, why ?? 'ready');
      }
      case '/metrics':
        return text(response, 200, await this.#options.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
      case '/':
      case '/api/approvals':
        break;
      default:
        return text(response, 404, 'There is no such page.');
    }
    if (!this.#isAllowed(request, response)) return;
    const view = this.#options.view();
    if (path === '/') return text(response, 200, page(view), 'text/html; charset=utf-8');
    const answer = { pending: pendingOf(view), done: doneOf(view) };
    return text(response, 200, `${JSON.stringify(answer)}\n`, 'application/json');
  }

  async #post(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const [, id, said] = /^\/api\/approvals\/([0-9a-f]{32})\/(approve|refuse)$/.exec(path) ?? [];
    if (id === undefined && path !== '/alertmanager') return text(response, 404, 'There is no such page.');
    const given = this.#isAllowed(request, response);
    if (!given) return;
    if (given.browser && !isOurOwn(request))
      return text(response, 403, 'This comes from another site, or says not from where: use a Bearer token.');
    const body = await bodyOf(request);
    if (body === undefined) return text(response, 413, `More than ${MOST_BODY} bytes are not read.`);
    const { say } = this.#options;
    if (id !== undefined) {
      if (!say(id, said === 'approve' ? 'approved' : 'refused', given.by))
        return text(
          response,
          404,
          'Nothing waits for a word under this id: it was said, or its time is over.',
        );
      if (!given.browser) return text(response, 200, 'ok');
      response.setHeader('Location', '/');
      return text(response, 303, 'ok');
    }
    const words = wordsOf(body);
    if (!words) return text(response, 400, "This is no notification of Alertmanager's webhook.");
    // It sends the same again and again: what was said already is well.
    for (const { ask, word, by } of words) say(ask, word, by);
    return text(response, 200, 'ok');
  }

  #isAllowed(
    request: IncomingMessage,
    response: ServerResponse,
  ): { by: string; browser: boolean } | undefined {
    const token = this.#options.token();
    if (!token) {
      text(response, 403, 'The policy names no web.token_file: nobody may see or approve anything here.');
      return undefined;
    }
    const given = token.given(request);
    if (given) return given;
    response.setHeader('WWW-Authenticate', 'Basic realm="responder", charset="UTF-8"');
    text(response, 401, 'The token is wanted: as Bearer, or as the password of any user.');
    return undefined;
  }
}

function text(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** @returns undefined where it is too long */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function addressFault(place: Address, error: Error): ExporterError {
  const where = addressText(place);
  const advice = "Change the policy's web.listen_address.";
  return systemCode(error) === 'EADDRINUSE'
    ? new ExporterError('WEB_ADDRESS_IN_USE', `${where} is in use by another process`, {
        advice,
        cause: error,
      })
    : new ExporterError('WEB_ADDRESS', `can't listen on ${where}: ${systemReason(error)}`, {
        advice,
        cause: error,
      });
}
