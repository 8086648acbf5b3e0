/** Bounds in seconds. Falco is some milliseconds behind, our poll up to 250 ms; a backlog can be hours. */
const BOUNDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400];

/** `falco_exporter_event_delay_seconds`. Filled in whole batches, since prom-client's own takes a call for each event. */
export class DelayHistogram {
  readonly name = 'falco_exporter_event_delay_seconds';
  readonly help = "Time from an event's own time to its count. What the very first start found is left out.";
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  /** Events by bucket, not cumulative; the last is for all beyond the bounds. */
  readonly #buckets = new Float64Array(BOUNDS.length + 1);
  #sum = 0;

  /**
   * @param times of events in milliseconds since the epoch; NaN is none
   * @param lines how many of them count
   * @param now in milliseconds since the epoch
   */
  observe(times: Float64Array, lines: number, now: number): void {
    for (let line = 0; line < lines; line++) {
      const time = times[line]!;
      if (Number.isNaN(time)) continue;
      // An event from the future means a clock that jumped, not a negative delay.
      const delay = Math.max(0, now - time) / 1000;
      let bucket = 0;
      while (bucket < BOUNDS.length && delay > BOUNDS[bucket]!) bucket++;
      this.#buckets[bucket]!++;
      this.#sum += delay;
    }
  }

  /** As prom-client's registry asks for it. */
  get() {
    let count = 0;
    const values = BOUNDS.map((bound, index) => {
      count += this.#buckets[index]!;
      return { metricName: `${this.name}_bucket`, labels: { le: bound as number | string }, value: count };
    });
    count += this.#buckets[BOUNDS.length]!;
    return Promise.resolve({
      name: this.name,
      help: this.help,
      type: this.type,
      aggregator: this.aggregator,
      values: [
        ...values,
        { metricName: `${this.name}_bucket`, labels: { le: '+Inf' }, value: count },
        { metricName: `${this.name}_sum`, labels: {}, value: this.#sum },
        { metricName: `${this.name}_count`, labels: {}, value: count },
      ],
    });
  }
}
