/** Who comes in: rate limit, users and headers of the web configuration, which is read again when one of its files changes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../clock.ts';
import { ExporterError } from '../../errors.ts';
import { type Logger, logFault } from '../../log/log.ts';
import type { Refusal } from '../../metrics/web-status.ts';
import { plain } from '../answer.ts';
import { handshakeOf } from '../tls/tls.ts';
import { peerOf } from '../traffic/peer.ts';
import { takenAway } from '../web-config/protection.ts';
import { loadWebConfig, OPEN, type WebConfig } from '../web-config/web-config.ts';
import { BcryptThread } from './bcrypt.ts';
import { RateLimit } from './rate-limit.ts';
import { type Answer, Users } from './users.ts';

/** How often the files are looked at; milliseconds. */
const LOOK = 2000;

export interface AuthenticationOptions {
  /** The web configuration; undefined: plain HTTP, open to all. */
  file: string | undefined;
  clock: Clock;
  log: Logger;
  /** A request was refused, though it may come in. */
  refused(request: IncomingMessage, reason: Refusal): void;
}

type Next = (error?: unknown) => void;

export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #bcrypt = new BcryptThread();
  readonly #users: Users;
  #config: WebConfig = OPEN;
  #rateLimit: RateLimit | undefined;
  #complaint = '';
  #timer: NodeJS.Timeout | undefined;

  /** @throws an AggregateError of ExporterErrors: what is wrong with the web configuration */
  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#users = new Users((password, hash) => this.#bcrypt.compare(password, hash), options.clock);
    const { file, log } = options;
    if (file === undefined) return;
    this.#take(loadWebConfig(file));
    // What exporter-toolkit accepts at the start is accepted; nobody shall believe to be protected, though.
    if (!this.#config.tls && this.#config.users.size === 0)
      log.warn({ file }, 'the web configuration names neither TLS nor users: everyone may come in');
    else log.info({ file, ...protectionOf(this.#config) }, 'the web configuration was read');
  }

  get config(): WebConfig {
    return this.#config;
  }

  /** Whether who asks has proven who it is: by a password, or by a certificate in its connection's own handshake. */
  knows({ socket }: IncomingMessage): boolean {
    return this.#config.users.size > 0 || this.proves(socket);
  }

  /** Whether a connection's own handshake proved who is at its other end, by the rules of now. */
  proves(socket: Socket): boolean {
    return this.#isOfNow(socket) && handshakeOf(socket)?.proves(socket as TLSSocket) === true;
  }

  /** @param changed called after each change of the configuration */
  watch(changed: () => void): void {
    if (this.#options.file === undefined) return;
    this.#timer = setInterval(() => {
      if (this.look()) changed();
    }, LOOK);
  }

  /**
   * Reads the files again if one has changed. A wrong one changes nothing, nor does one that takes protection away
   * without saying so.
   * @returns whether there is a new configuration
   */
  look(): boolean {
    const { file, log } = this.#options;
    if (file === undefined || (this.#complaint === '' && !this.#config.files.changed)) return false;
    try {
      const next = loadWebConfig(file);
      refuseLosses(file, this.#config, next);
      this.#take(next);
      log.info({ file, ...protectionOf(next) }, 'the web configuration was read again');
      return true;
    } catch (error) {
      this.#complain(error);
      return false;
    }
  }

  /** Passwords that wait to be checked. */
  get passwordsWaiting(): number {
    return this.#users.waiting;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#bcrypt.close();
  }

  readonly enter = (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    if (this.#rateLimit && !this.#isWithinLimit(request, this.#rateLimit)) {
      this.#options.refused(request, 'rate_limit');
      response.setHeader('Retry-After', '1');
      plain(response, 429, 'too many requests: see rate_limit of the web configuration');
      return;
    }
    this.addHeaders(response);
    if (this.#config.users.size === 0) this.#answer('known', request, response, next);
    else
      this.#check(request)
        .then((answer) => this.#answer(answer, request, response, next))
        .catch(next);
  };

  /** Headers of the web configuration; empty ones take ours away. */
  addHeaders(response: ServerResponse): void {
    for (const [name, value] of Object.entries(this.#config.headers)) {
      if (value === '') response.removeHeader(name);
      else response.setHeader(name, value);
    }
  }

  #answer(answer: Answer, request: IncomingMessage, response: ServerResponse, next: Next): void {
    // Asked after the password: the configuration may have changed meanwhile.
    if (!this.#isOfNow(request.socket)) {
      response.setHeader('Connection', 'close');
      plain(response, 403, 'the web configuration has changed: connect again');
    } else if (answer === 'known') {
      next();
    } else if (answer === 'busy') {
      this.#options.refused(request, 'passwords');
      response.setHeader('Retry-After', '5');
      plain(response, 503, 'too many passwords to be checked');
    } else {
      response.setHeader('WWW-Authenticate', 'Basic realm="falco-event-exporter", charset="UTF-8"');
      plain(response, 401, 'a user and a password are needed');
    }
  }

  /** Whom we know has a limit of its own, beside others at its address. Health is always answered. */
  #isWithinLimit({ url, headers, socket }: IncomingMessage, limit: RateLimit): boolean {
    const path = url!.split('?', 1)[0];
    if (path === '/healthz' || path === '/readyz') return true;
    const user = this.#users.remembers(headers.authorization);
    return limit.allow(JSON.stringify([peerOf(socket.remoteAddress), user]));
  }

  #check({ headers, socket }: IncomingMessage): Promise<Answer> {
    const peer = peerOf(socket.remoteAddress);
    return this.#users.check(headers.authorization, { peer, isGone: () => socket.destroyed });
  }

  /** Whether a connection was made by the rules that hold now. Those from before are closed as soon as they are idle. */
  #isOfNow(socket: Socket): boolean {
    return handshakeOf(socket)?.digest === this.#config.tls?.digest;
  }

  #take(config: WebConfig): void {
    this.#config = config;
    this.#complaint = '';
    this.#users.set(config.users);
    this.#rateLimit = config.rateLimit && new RateLimit(config.rateLimit, this.#options.clock);
  }

  /** Says what is wrong, and says it again only when it is something else. */
  #complain(error: unknown): void {
    const faults = error instanceof AggregateError ? error.errors : [error];
    const complaint = faults.map(String).join('\n');
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    const { log } = this.#options;
    for (const fault of faults)
      if (fault instanceof ExporterError) logFault(log, fault);
      else log.warn({ error: String(fault) }, 'the web configuration could not be read');
    log.warn('the old web configuration stays in use');
  }
}

/** @throws an AggregateError of ExporterErrors, one for each protection that would go without a word */
function refuseLosses(file: string, now: WebConfig, next: WebConfig): void {
  const faults = takenAway(now, next).map(
    ({ what, say }) =>
      new ExporterError('WEB_CONFIG_PROTECTION', `this removes protection: ${what}`, {
        place: { file },
        advice: `If that is meant, write \`${say}\`, or restart the exporter.`,
      }),
  );
  if (faults.length > 0) throw new AggregateError(faults);
}

/** For the log: what protects now. */
function protectionOf({ tls, users }: WebConfig): Record<string, unknown> {
  return { tls: tls !== undefined, client_auth_type: tls?.rules.clientAuth, users: users.size };
}
