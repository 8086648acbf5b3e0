/**
 * How often a scraper scrapes, learned from its gaps, connection by connection: Prometheus keeps one for each job, so
 * that two jobs, or two servers behind one address, are not taken for one that scrapes twice as often.
 */

/** An end of a connection; known by its identity alone. */
export interface Connection {
  readonly destroyed: boolean;
}

/** Gaps that a connection's interval is the middle of: one scrape that was lost, or late, changes nothing. */
const GAPS = 5;
/** Connections that are kept apart; of more, those that were quiet longest are forgotten. */
const CONNECTIONS = 8;
/** A connection that was quiet for so many of its intervals counts no more. */
const QUIET = 5;
/** An interval so close to whole seconds is of whole seconds: what Prometheus is configured with. A share. */
const NEAR = 0.02;

interface Line {
  connection: WeakRef<Connection>;
  last: number;
  gaps: number[];
}

export class Rhythm {
  #lines: Line[] = [];
  #interval: number | undefined;
  /** What an earlier process learned; it holds until all who scrape here have come again. */
  readonly #learned: number | undefined;
  #begun: number | undefined;

  /** @param interval what an earlier process learned; milliseconds */
  constructor(interval?: number) {
    this.#interval = interval;
    this.#learned = interval;
  }

  /** Of the slowest who scrapes here, in milliseconds; undefined before anyone came three times. */
  get interval(): number | undefined {
    return this.#interval;
  }

  /** @param now the monotonic clock in milliseconds */
  scrape(now: number, connection: Connection): void {
    const line = this.#lineOf(connection);
    if (line) {
      line.gaps = [now - line.last, ...line.gaps].slice(0, GAPS);
      line.last = now;
      line.connection = new WeakRef(connection);
    } else {
      this.#lines.push({ connection: new WeakRef(connection), last: now, gaps: [] });
      this.#lines = this.#lines.sort((a, b) => b.last - a.last).slice(0, CONNECTIONS);
    }
    const intervals = this.#lines.flatMap(({ gaps, last }) => {
      const interval = middle(gaps);
      return interval === undefined || now - last > QUIET * interval ? [] : [interval];
    });
    this.#begun ??= now;
    if (this.#learned !== undefined && now - this.#begun <= QUIET * this.#learned)
      intervals.push(this.#learned);
    if (intervals.length > 0) this.#interval = Math.max(...intervals);
  }

  /** Its own, else the one that was closed and waits longest: who scrapes rarely comes on a new one each time. */
  #lineOf(connection: Connection): Line | undefined {
    const own = this.#lines.find((line) => line.connection.deref() === connection);
    if (own) return own;
    const closed = this.#lines.filter((line) => line.connection.deref()?.destroyed !== false);
    return closed.sort((a, b) => a.last - b.last)[0];
  }
}

/** The lower one of two; one alone says nothing. */
function middle(gaps: readonly number[]): number | undefined {
  if (gaps.length < 2) return undefined;
  const gap = [...gaps].sort((a, b) => a - b)[(gaps.length - 1) >> 1]!;
  const whole = Math.round(gap / 1000) * 1000;
  return whole > 0 && Math.abs(gap - whole) < NEAR * whole ? whole : gap;
}
