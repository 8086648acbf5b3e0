/**
 * The journal's time. Budget, cool-downs and deadlines must not begin anew when somebody sets the clock: it goes by the
 * kernel's time since the boot, which no process's restart breaks. After a boot it goes on from the wall clock, or from
 * the newest record where that is later. Events have the wall clock's time, and are compared with that.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../clock.ts';

/** One run of the kernel. */
export interface Boot {
  id: string;
  /** Milliseconds since it began; never falls. */
  uptime(): number;
}

/** What a later process of the same boot goes on with. */
export interface Anchor {
  boot: string;
  /** The journal's time when the kernel was booted. */
  base: number;
}

export class Steady implements Clock {
  readonly anchor: Anchor;
  readonly #clock: Clock;
  readonly #boot: Boot;

  /**
   * @param anchor of the process before
   * @param latest of the journal's records
   */
  constructor(clock: Clock, boot: Boot, anchor: Anchor | undefined, latest: number) {
    this.#clock = clock;
    this.#boot = boot;
    this.anchor =
      anchor?.boot === boot.id
        ? anchor
        : { boot: boot.id, base: Math.max(clock.now(), latest) - boot.uptime() };
  }

  /** Milliseconds; near the epoch's, unless the clock was set. */
  now(): number {
    return Math.round(this.anchor.base + this.#boot.uptime());
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** The wall clock: what events are compared with. */
  wall(): number {
    return this.#clock.now();
  }

  /** What the wall clock shows, or would have shown, at a time of the journal. */
  shown(time: number): Date {
    return new Date(Math.round(time + this.wall() - this.now()));
  }
}

export function systemBoot(): Boot {
  return { id: bootId(), uptime: () => Number(process.hrtime.bigint() / 1_000_000n) };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // No Linux: each process is a boot of its own.
    return `process ${process.pid} ${Date.now()}`;
  }
}
