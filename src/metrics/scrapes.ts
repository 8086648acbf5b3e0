/** Answers of /metrics: what is shown is of the moment of the request, and the snapshot on disk holds that moment. */
import type { Clock } from '../clock.ts';
import type { Keeper } from '../ledger/keeper.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Showing } from '../ledger/showing.ts';
import type { Exposition } from './exposition.ts';

/** Who asks for /metrics, as far as it is proven. */
export interface Asker {
  /** 'shown' for scrapers, 'counted' for anyone else: the counts themselves. */
  view: 'shown' | 'counted';
  /** Whose password it gave; undefined where none is asked for. */
  user: string | undefined;
  /** The subject of its certificate; undefined where it showed none that a CA vouches for. */
  certificate: string | undefined;
  /** The other end of the connection. */
  address: string;
  /** Its User-Agent, cut: a hint that tells two programs at one address apart, and no proof. */
  agent: string;
  /** The connection that it asks on. */
  connection: { readonly destroyed: boolean };
}

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
  /** Answers that are being made, by what they show. */
  readonly #making = new Map<string, Promise<Buffer>>();

  constructor(options: ScrapesOptions) {
    this.#options = options;
  }

  /**
   * The text, in UTF-8. Waits for the snapshot at most 1 s: being seen goes before exactness. All who ask for the same
   * while it is being made get the same bytes, so that they are held once however many wait.
   */
  answer(asker: Asker): Promise<Buffer> {
    const key = asker.view;
    const made = this.#making.get(key);
    if (made) return made;
    const making = this.#make(asker).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #make({ view }: Asker): Promise<Buffer> {
    const { ledger, showing, exposition, keeper, clock } = this.#options;
    // The very first start: until all that was there is counted, any number would look like news.
    if (ledger.inBaseline) return Buffer.from(await exposition.text('none'));
    if (view === 'shown' && showing.scrape(clock.monotonic())) ledger.touch();
    const text = exposition.text(view);
    await keeper?.keepForAnswer();
    return Buffer.from(await text);
  }
}
