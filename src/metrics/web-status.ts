/** What was refused and dropped since the start of this process, and the words for it. */

/** What a request is for. Each has slots of its own. */
export const PURPOSES = ['scrape', 'post', 'people', 'health'] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * Why a request was not answered as asked: no slot came free; its peer took or sent nothing; its peer's share of the
 * rate limit was used up; too many passwords waited.
 */
export const REFUSALS = ['busy', 'slow', 'rate_limit', 'passwords'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why a connection was ended: too many, and it was idle; more requests ahead of their answers than are taken. */
export const DROPS = ['crowded', 'pipelined'] as const;
export type Drop = (typeof DROPS)[number];

/** How the web module is doing, for metrics and health. */
export interface WebStatus {
  purposes: { purpose: Purpose; active: number; limit: number; waiting: number }[];
  refusals: { purpose: Purpose; reason: Refusal; count: number }[];
  connections: { open: number; limit: number };
  dropped: { reason: Drop; count: number }[];
  streams: { open: number; limit: number };
  passwordsWaiting: number;
}

export class Tally {
  readonly #refusals = new Map<string, number>();
  readonly #drops = new Map<Drop, number>();

  refused(purpose: Purpose, reason: Refusal): void {
    const key = `${purpose} ${reason}`;
    this.#refusals.set(key, (this.#refusals.get(key) ?? 0) + 1);
  }

  dropped(reason: Drop): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
  }

  get refusals(): WebStatus['refusals'] {
    return PURPOSES.flatMap((purpose) =>
      REFUSALS.map((reason) => ({
        purpose,
        reason,
        count: this.#refusals.get(`${purpose} ${reason}`) ?? 0,
      })),
    );
  }

  get drops(): WebStatus['dropped'] {
    return DROPS.map((reason) => ({ reason, count: this.#drops.get(reason) ?? 0 }));
  }
}
