/** Answers of /metrics: what is shown is of the moment of the request, and the snapshot on disk holds that moment. */
import type { Clock } from '../clock.ts';
import type { Keeper } from '../ledger/keeper.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Showing } from '../ledger/showing.ts';
import type { Exposition } from './exposition.ts';

export interface ScrapesOptions {
  ledger: Ledger;
  showing: Showing;
  exposition: Exposition;
  /** Undefined where nothing is kept across restarts. */
  keeper: Keeper | undefined;
  clock: Clock;
}

export class Scrapes {
  readonly #options: ScrapesOptions;

  constructor(options: ScrapesOptions) {
    this.#options = options;
  }

  /**
   * The text. Waits for the snapshot at most 1 s: being seen goes before exactness.
   * @param prometheus whether a Prometheus server asks; anyone else sees the counts themselves
   */
  async answer(prometheus: boolean): Promise<string> {
    const { ledger, showing, exposition, keeper, clock } = this.#options;
    // The very first start: until all that was there is counted, any number would look like news.
    if (ledger.inBaseline) return exposition.text('none');
    if (prometheus && showing.scrape(clock.monotonic())) ledger.touch();
    const text = exposition.text(prometheus ? 'shown' : 'counted');
    await keeper?.keepForAnswer();
    return text;
  }
}
