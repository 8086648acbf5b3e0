/**
 * The listening socket: time-outs, bounds, and TLS that can change while it listens. A new connection gets the TLS of its
 * moment; open ones keep theirs.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { type Address, addressText } from '../config/address.ts';
import { ExporterError, systemCode, systemReason } from '../errors.ts';
import type { TlsSettings } from './tls/tls.ts';
import type { Connections } from './traffic/connections.ts';

/** Milliseconds. A request's headers, and the whole request, must have come in so long. */
const HEADERS = 10_000;
const REQUEST = 30_000;
/** An idle connection is kept for the next scrape, at most a minute away. */
const KEEP_ALIVE = 65_000;

/** An address, or a socket that listens already and was inherited. */
export type Place = Address | { fd: number };

export class Listener {
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #serve: (socket: Socket) => void;
  readonly #places: { place: Place; server: NetServer }[] = [];
  #tls: TlsServer | undefined;

  constructor(handler: RequestListener, connections: Connections) {
    this.#connections = connections;
    const inTurn: RequestListener = (request, response) =>
      connections.of(request).ask(request, response, handler);
    this.#server = createServer(
      {
        headersTimeout: HEADERS,
        requestTimeout: REQUEST,
        keepAliveTimeout: KEEP_ALIVE,
        connectionsCheckingInterval: 2000,
      },
      inTurn,
    );
    // A body is asked for only once it is known to be wanted.
    this.#server.on('checkContinue', inTurn);
    const http = this.#server.listeners('connection') as ((socket: Socket) => void)[];
    this.#server.removeAllListeners('connection');
    this.#server.on('connection', (socket: Socket) => {
      connections.add(socket);
      if (this.#tls) this.#tls.emit('connection', socket);
      else this.#serve(socket);
    });
    this.#serve = (socket) => {
      for (const listener of http) listener.call(this.#server, socket);
    };
  }

  /** For connections from now on. Undefined: plain HTTP. */
  secure(settings: TlsSettings | undefined): void {
    if (!settings) {
      this.#tls = undefined;
      return;
    }
    this.#tls = createTlsServer(settings.options, (socket) => {
      const connection = this.#connections.within(socket);
      if (!connection || !settings.admits(socket)) {
        socket.destroy();
        return;
      }
      this.#connections.speak(connection, socket);
      this.#serve(socket);
    });
    // A client that can't shake hands is gone already.
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /**
   * Listens on all of them, or on none.
   * @throws WEB_ADDRESS_IN_USE or WEB_ADDRESS
   */
  async listen(places: readonly Place[]): Promise<void> {
    try {
      for (const place of places) {
        // The HTTP server looks after its connections' time-outs once it listens itself.
        const server = this.#places.length === 0 ? this.#server : this.#another();
        await listenOn(server, place);
        this.#places.push({ place, server });
      }
    } catch (error) {
      for (const { server } of this.#places) server.close();
      throw error;
    }
  }

  #another(): NetServer {
    return createNetServer({ noDelay: true }, (socket) => this.#server.emit('connection', socket));
  }

  /** Where it listens; of port 0 the free one that was found. */
  get addresses(): Address[] {
    return this.#places.map(({ place, server }) => {
      const address = server.address();
      // A socket of systemd's may be one of the file system.
      if (typeof address === 'string' || !address) return { host: address ?? undefined, port: 0 };
      return { host: 'fd' in place ? address.address : place.host, port: address.port };
    });
  }

  /** Finishes open requests and closes; those that are not done in the time given are cut off. Milliseconds. */
  async close(patience: number): Promise<void> {
    const closed = Promise.all(
      this.#places.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => {
      // All of them: those that still shake hands are no connections of HTTP's yet.
      for (const connection of [...this.#connections]) connection.end();
    }, patience);
    await closed;
    clearTimeout(cut);
  }
}

function listenOn(server: NetServer, place: Place): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => reject(addressFault(place, error));
    server.once('error', failed);
    const listening = () => {
      server.off('error', failed);
      resolve();
    };
    if ('fd' in place) server.listen({ fd: place.fd }, listening);
    else
      server.listen({ port: place.port, ...(place.host !== undefined && { host: place.host }) }, listening);
  });
}

function addressFault(place: Place, error: Error): ExporterError {
  if ('fd' in place)
    return new ExporterError(
      'WEB_ADDRESS',
      `can't listen on systemd's socket ${place.fd}: ${error.message}`,
      {
        advice: 'Give the socket unit ListenStream= with a port, and no Accept=yes.',
        cause: error,
      },
    );
  const where = addressText(place);
  if (systemCode(error) === 'EADDRINUSE')
    return new ExporterError('WEB_ADDRESS_IN_USE', `${where} is in use by another process`, {
      advice: 'Stop that one, or choose another with --web.listen-address.',
      cause: error,
    });
  return new ExporterError('WEB_ADDRESS', `can't listen on ${where}: ${systemReason(error)}`, {
    advice: 'Check --web.listen-address.',
    cause: error,
  });
}
