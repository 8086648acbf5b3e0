/** What a running exporter logs: each notice once, or at most once a minute if it can happen many times a second. */
import type { Clock } from '../clock.ts';
import type { ExporterError } from '../errors.ts';
import { REFUSALS, type Refusal } from '../event/framing/refusal.ts';
import type { Identity } from '../ledger/views/view.ts';
import { type Logger, logFault } from '../log/log.ts';
import { Seldom } from '../log/seldom.ts';
import type { Incident, InputStatus } from '../source/source.ts';

/** A fault of an input is logged no sooner: many pass within a rotation. Milliseconds. */
const NOTICE = 1000;

/** How much is counted. */
export interface Amount {
  events: number;
  bytes: number;
}

export class Notices {
  readonly #log: Logger;
  readonly #clock: Clock;
  /** Inputs that can't be read, and why. */
  readonly #faults = new Map<string, string>();
  #began = { before: { events: 0, bytes: 0 }, at: 0 };
  #looked = Number.NEGATIVE_INFINITY;
  readonly #failures = new Seldom();
  readonly #snapshotFailures = new Seldom();
  readonly #crowds = new Seldom();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  withoutKernel(why: string): void {
    this.#log.warn({ why }, "WebAssembly can't be used: reading is slower");
  }

  /** @param writtenAt when the snapshot was written, in milliseconds since the epoch */
  restored({ events }: Amount, series: number, writtenAt: number | undefined): void {
    const age = writtenAt === undefined ? undefined : Math.round((this.#clock.now() - writtenAt) / 1000);
    this.#log.info({ series, events, age_seconds: age }, 'state restored');
  }

  refused({ kind, ...details }: Refusal, input: string): void {
    this.#log.warn({ input, ...details }, REFUSALS[kind]);
  }

  missedFields(fields: readonly string[]): void {
    this.#log.warn(
      { fields: fields.join(' ') },
      'no event so far had these fields of services or labels: check their spelling, and that Falco prints them',
    );
  }

  /** Reading begins. @param before what was counted by earlier processes */
  reading(before: Amount): void {
    this.#began = { before, at: this.#clock.monotonic() };
  }

  /** What was there at the start is read. */
  caughtUp(now: Amount): void {
    const { before, at } = this.#began;
    const seconds = (this.#clock.monotonic() - at) / 1000;
    this.#log.info(
      {
        events: now.events - before.events,
        bytes: now.bytes - before.bytes,
        seconds: Number(seconds.toFixed(3)),
      },
      'caught up with what the input held',
    );
  }

  ready(): void {
    this.#log.info('ready');
  }

  readingFailed(error: unknown): void {
    const failures = this.#failures.happened(this.#clock.monotonic());
    if (failures > 0) this.#log.error({ error: String(error), failures }, 'reading failed; trying again');
  }

  incident(input: string, incident: Incident, details: Record<string, unknown>): void {
    const fields = { input, ...details };
    if (incident === 'gaps') this.#log.warn(fields, 'bytes may have been lost');
    else
      this.#log.info(fields, incident === 'rotations' ? 'reading the next file' : 'the file was truncated');
  }

  snapshotFailed(error: ExporterError): void {
    if (this.#snapshotFailures.happened(this.#clock.monotonic()) > 0) logFault(this.#log, error);
  }

  /** Says once when an input can't be read, and when it can again. */
  faults(statuses: () => readonly InputStatus[]): void {
    const now = this.#clock.monotonic();
    if (now - this.#looked < NOTICE) return;
    this.#looked = now;
    for (const { input, fault } of statuses()) {
      if (fault?.code === this.#faults.get(input)) continue;
      if (fault) {
        this.#faults.set(input, fault.code);
        logFault(this.#log, fault);
      } else {
        this.#faults.delete(input);
        this.#log.info({ input }, 'the input can be read again');
      }
    }
  }

  crowded({ group, address, agent }: Identity): void {
    if (this.#crowds.happened(this.#clock.monotonic()) === 0) return;
    const advice = 'Name your scrapers with --web.scrapers, or give them a user or a certificate.';
    this.#log.warn({ group, address, agent, advice }, 'too many scrapers: these share one view');
  }
}
