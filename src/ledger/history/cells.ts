/** Counts by time: few of many moments have any, so only those are kept. */

export class Cells {
  /** Which moments, ascending; minutes or hours since the epoch. */
  readonly at: number[] = [];
  readonly counts: number[] = [];

  add(moment: number, count: number): void {
    let place = this.at.length;
    // Events come in their order, nearly.
    while (place > 0 && this.at[place - 1]! > moment) place--;
    if (place > 0 && this.at[place - 1] === moment) {
      this.counts[place - 1]! += count;
      return;
    }
    this.at.splice(place, 0, moment);
    this.counts.splice(place, 0, count);
  }

  /** Forgets what is older. @returns how many moments went */
  forget(before: number): number {
    let gone = 0;
    while (gone < this.at.length && this.at[gone]! < before) gone++;
    if (gone > 0) {
      this.at.splice(0, gone);
      this.counts.splice(0, gone);
    }
    return gone;
  }

  /** Events of the moments from one on, up to another that is left out. */
  sum(from: number, to = Number.POSITIVE_INFINITY): number {
    let sum = 0;
    for (let place = this.at.length - 1; place >= 0 && this.at[place]! >= from; place--)
      if (this.at[place]! < to) sum += this.counts[place]!;
    return sum;
  }

  /** Adds what each of the moments had, the first of which is `from`. */
  addTo(sums: number[], from: number): void {
    for (let place = this.at.length - 1; place >= 0 && this.at[place]! >= from; place--) {
      const index = this.at[place]! - from;
      if (index < sums.length) sums[index]! += this.counts[place]!;
    }
  }

  /** Moment and count in turn. */
  get pairs(): number[] {
    return this.at.flatMap((moment, place) => [moment, this.counts[place]!]);
  }

  static of(pairs: readonly number[]): Cells {
    const cells = new Cells();
    for (let place = 0; place + 1 < pairs.length; place += 2) cells.add(pairs[place]!, pairs[place + 1]!);
    return cells;
  }
}
