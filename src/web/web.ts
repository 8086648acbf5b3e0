/** The web room: what is listened on, who comes in, and what people see. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Batch } from '../event/scanner.ts';
import type { Logger } from '../log.ts';
import { Door } from './door/door.ts';
import { RecentEvents } from './events/recent.ts';
import { Streams } from './events/streams.ts';
import { Listener } from './listener.ts';
import { type RoutesOptions, routes } from './server.ts';
import { type State, summarize } from './summary.ts';
import { Trend } from './trend.ts';

export interface WebOptions {
  config: Config['web'];
  clock: Clock;
  log: Logger;
  state: State;
  metrics: RoutesOptions['metrics'];
  ingest: RoutesOptions['ingest'];
}

/** How often minutes of the trend are closed; milliseconds. */
const TREND_LOOK = 15_000;

export class Web {
  readonly #options: WebOptions;
  readonly #door: Door;
  readonly #listener: Listener;
  readonly #recent: RoutesOptions['recent'];
  readonly #trend: Trend;
  readonly #timer: NodeJS.Timeout;

  private constructor(options: WebOptions) {
    const { config, clock, log, state } = options;
    this.#options = options;
    this.#door = new Door({ file: config.config.file, clock, log });
    if (!config.disable_events) {
      const events = new RecentEvents();
      this.#recent = { events, streams: new Streams(events, clock) };
    }
    this.#trend = new Trend(() => state.ledger.families.events.all(), clock);
    this.#timer = setInterval(() => this.#trend.advance(), TREND_LOOK);
    this.#listener = new Listener(
      routes({
        door: this.#door,
        links: {
          telemetryPath: config.telemetry_path,
          dashboards: config.dashboards_url,
          runbooks: config.runbooks_url,
        },
        maxRequests: config.max_requests,
        allowRemoteEvents: config.allow_remote_events,
        metrics: options.metrics,
        notReady: () => state.notReady(),
        summary: () => this.#summary(),
        recent: this.#recent,
        ingest: options.ingest,
        failed: (error) => log.error({ error: String(error) }, 'a request failed'),
      }),
    );
  }

  /**
   * Listens. Its counts are looked at from now on.
   * @throws ExporterErrors: a wrong web configuration, an address that can't be listened on
   */
  static async start(options: WebOptions): Promise<Web> {
    const web = new Web(options);
    web.#listener.secure(web.#door.config.tls);
    try {
      await web.#listener.listen(options.config.listen_address);
    } catch (error) {
      clearInterval(web.#timer);
      throw error;
    }
    web.#door.watch(() => {
      web.#listener.secure(web.#door.config.tls);
      // Who may look is to be asked again.
      web.#recent?.streams.close();
    });
    return web;
  }

  /** The port it listens on: the one asked for, or a free one where that was 0. */
  get port(): number {
    return this.#listener.port ?? this.#options.config.listen_address.port;
  }

  /** What was there before now is no news. */
  endBaseline(): void {
    this.#trend.restart();
  }

  /** A batch of news was counted. @param bytes of which it was scanned */
  counted(batch: Batch, bytes: Uint8Array): void {
    if (!this.#recent) return;
    const { events, streams } = this.#recent;
    const { ledger } = this.#options.state;
    if (events.take(batch, bytes, (tuple) => ledger.labelsOf(tuple))) streams.news();
  }

  /** Finishes open requests and closes. @param patience in milliseconds; what is not done then is cut off */
  async close(patience: number): Promise<void> {
    clearInterval(this.#timer);
    this.#recent?.streams.close();
    await this.#listener.close(patience);
    await this.#door.close();
  }

  #summary() {
    const { state, clock } = this.#options;
    this.#trend.advance();
    return summarize(state, this.#trend, clock.now());
  }
}
