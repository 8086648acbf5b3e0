/** The web module: what is listened on, who comes in, and what people see. */
import type { Clock } from '../clock.ts';
import type { Address } from '../config/address.ts';
import { routePrefix } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import type { Logger } from '../log/log.ts';
import type { Purpose, WebStatus } from '../metrics/web-status.ts';
import { Authentication } from './authentication/authentication.ts';
import type { LiveEvents } from './events/live-events.ts';
import { Listener, type Place } from './listener.ts';
import { type RoutesOptions, routes } from './server.ts';
import { type State, summarize } from './summary.ts';
import { inheritedSockets } from './systemd.ts';
import { Traffic } from './traffic/traffic.ts';

export interface WebOptions {
  config: Config['web'];
  clock: Clock;
  log: Logger;
  state: State;
  /** Undefined where recent events are turned off. */
  live: LiveEvents | undefined;
  metrics: RoutesOptions['metrics'];
  noise: RoutesOptions['noise'];
  ingest: RoutesOptions['ingest'];
  environment: NodeJS.ProcessEnv;
}

export class Web {
  readonly #options: WebOptions;
  readonly #traffic: Traffic;
  readonly #authentication: Authentication;
  readonly #listener: Listener;

  /** @throws ExporterErrors: a wrong web configuration */
  constructor(options: WebOptions) {
    const { config, clock, log } = options;
    const prefix = routePrefix(config);
    const traffic = new Traffic({
      clock,
      maxRequests: config.max_requests,
      purposeOf: ({ url }) => purposeOf(url!, prefix, config.telemetry_path),
    });
    this.#traffic = traffic;
    const state = { ...options.state, notReady: () => options.state.notReady() ?? traffic.stuck };
    this.#options = { ...options, state };
    this.#authentication = new Authentication({
      file: config.config.file,
      clock,
      log,
      refused: (request, reason) => traffic.refused(request, reason),
    });
    this.#listener = new Listener(
      routes({
        prefix,
        authentication: this.#authentication,
        links: {
          telemetryPath: config.telemetry_path,
          dashboards: config.dashboards_url,
          runbooks: config.runbooks_url,
        },
        traffic,
        allowRemoteEvents: config.allow_remote_events,
        metrics: options.metrics,
        notReady: () => state.notReady(),
        summary: () => this.#summary(),
        history: state.history,
        recent: options.live,
        noise: options.live && options.noise,
        ingest: options.ingest,
        failed: (error) => log.error({ error: String(error) }, 'a request failed'),
      }),
      traffic.connections,
    );
  }

  /**
   * Listens. Its counts are looked at from now on.
   * @throws ExporterError: an address that can't be listened on
   */
  async listen(): Promise<void> {
    const { live } = this.#options;
    this.#listener.secure(this.#authentication.config.tls);
    await this.#listener.listen(places(this.#options));
    this.#authentication.watch(() => {
      this.#listener.secure(this.#authentication.config.tls);
      // Streams are authorised anew, and so are connections that were made under the old rules.
      live?.streams.close();
      this.#traffic.connections.retire();
    });
  }

  /** Where it listens; of port 0 the free one that was found. */
  get addresses(): Address[] {
    return this.#listener.addresses;
  }

  /** How busy it is, and what it refused. */
  get status(): WebStatus {
    return {
      ...this.#traffic.status,
      streams: this.#options.live?.streams.status ?? { open: 0, limit: 0 },
      passwordsWaiting: this.#authentication.passwordsWaiting,
    };
  }

  /** Finishes open requests and closes. @param patience in milliseconds; what is not done then is cut off */
  async close(patience: number): Promise<void> {
    this.#options.live?.streams.close();
    await this.#listener.close(patience);
    this.#traffic.close();
    await this.#authentication.close();
  }

  #summary() {
    const { state, clock } = this.#options;
    return summarize(state, clock.now());
  }
}

function places({ config, environment }: WebOptions): readonly Place[] {
  return config.systemd_socket ? inheritedSockets(environment) : config.listen_address;
}

/** What a request is for, by its path alone: its client is not authenticated yet. */
function purposeOf(url: string, prefix: string, telemetryPath: string): Purpose {
  const whole = url.split('?', 1)[0]!;
  if (!whole.startsWith(prefix)) return 'people';
  const path = whole.slice(prefix.length);
  if (path === telemetryPath) return 'scrape';
  if (path === '/events') return 'post';
  return path === '/healthz' || path === '/readyz' ? 'health' : 'people';
}
