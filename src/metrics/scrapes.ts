/** Answers of /metrics: each shows the moment of its request, and the snapshot on disk holds that moment. */

import { type KnownScraper, knownScraper, plainAddress } from '../config/scrapers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Retirement } from '../ledger/retirement.ts';
import type { Identity, View } from '../ledger/views/view.ts';
import type { Views } from '../ledger/views/views.ts';
import type { Keeper } from '../state/keeper.ts';
import type { Exposition } from './exposition.ts';
import type { Format } from './format.ts';

/** Who asks for /metrics, as far as authentication knows. */
export interface Client {
  /** 'shown' for scrapers, 'counted' for anyone else: the counts themselves. */
  view: 'shown' | 'counted';
  /** Whose password it gave; undefined where none is asked for. */
  user: string | undefined;
  /** The subject of its certificate; undefined where it showed none that a CA vouches for. */
  certificate: string | undefined;
  /** The other end of the connection. */
  address: string;
  /** Its User-Agent, cut: a hint that tells two programs at one address apart, and no evidence. */
  agent: string;
  /** The connection that it asks on. */
  connection: { readonly destroyed: boolean };
}

export interface ScrapesOptions {
  ledger: Ledger;
  views: Views;
  retirement: Retirement;
  /** --web.scrapers */
  known: readonly KnownScraper[];
  exposition: Exposition;
  /** Whether OpenMetrics says when series were created. */
  created: boolean;
  /** Undefined where nothing is kept across restarts. */
  keeper: Keeper | undefined;
}

/** All who see the counts themselves. */
const COUNTED = 'counted';
type Shown = View | typeof COUNTED;

export class Scrapes {
  readonly #options: ScrapesOptions;
  /** Answers that are being made, by format and what they show; and those that are made next. */
  readonly #making = { text: new Map<Shown, Making>(), openmetrics: new Map<Shown, Making>() };
  readonly #next = {
    text: new Map<Shown, Promise<Buffer>>(),
    openmetrics: new Map<Shown, Promise<Buffer>>(),
  };

  constructor(options: ScrapesOptions) {
    this.#options = options;
  }

  /**
   * The text, in UTF-8. Waits for the snapshot at most 1 s: being seen goes before exactness. All who ask for the same
   * while one is being made get the next one: the same bytes, held once however many wait.
   */
  answer(client: Client, format: Format): Promise<Buffer> {
    const { ledger, views, retirement, exposition, known, created } = this.#options;
    // The very first start: until all that was there is counted, any number would look new.
    if (ledger.inBaseline) return exposition.text('none', format);
    if (client.view === 'counted') return this.#made(COUNTED, format);
    const who = identity(client, known);
    const { view, changed } = views.scrape(who, client.connection, created && format === 'openmetrics');
    if (changed) ledger.touch();
    retirement.sweep();
    return this.#made(view, format);
  }

  #made(of: Shown, format: Format): Promise<Buffer> {
    const making = this.#making[format].get(of);
    if (!making) return this.#make(of, format);
    if (making.version === this.#options.ledger.version) return making.text;
    const waiting = this.#next[format].get(of);
    if (waiting) return waiting;
    const next = making.text.then(
      () => this.#goOn(of, format),
      () => this.#goOn(of, format),
    );
    this.#next[format].set(of, next);
    return next;
  }

  #goOn(of: Shown, format: Format): Promise<Buffer> {
    this.#next[format].delete(of);
    return this.#make(of, format);
  }

  #make(of: Shown, format: Format): Promise<Buffer> {
    const { exposition, ledger, keeper } = this.#options;
    const text = exposition.text(of, format);
    const kept = Promise.all([text, keeper?.keepForAnswer()])
      .then(([made]) => made)
      .finally(() => this.#making[format].delete(of));
    this.#making[format].set(of, { version: ledger.version, text: kept });
    return kept;
  }
}

/** @param version of what there was when it was made */
interface Making {
  version: number;
  text: Promise<Buffer>;
}

function identity({ user, certificate, address, agent }: Client, known: readonly KnownScraper[]): Identity {
  const plain = plainAddress(address);
  const entry = knownScraper(known, plain);
  const group =
    user !== undefined
      ? `user ${user}`
      : certificate !== undefined
        ? `certificate ${certificate}`
        : entry !== undefined
          ? `scrapers ${entry}`
          : '';
  return { group, address: plain, agent };
}
