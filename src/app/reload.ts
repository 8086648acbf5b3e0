/**
 * Changes of rules and services while the exporter runs. A configuration is taken whole or not at all; of rules files,
 * everything that is right.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { ExporterError } from '../errors.ts';
import { createScanner } from '../event/scan/create.ts';
import type { Intake } from '../ledger/intake.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { serviceResolver } from '../ledger/options.ts';
import type { Logger } from '../log/log.ts';
import type { CatalogueRule } from '../rules/catalogue.ts';
import { LoadedRules } from '../rules/loaded.ts';
import type { Problem } from '../rules/reading/problem.ts';

export interface ReloadOptions {
  config: Config;
  ledger: Ledger;
  intake: Intake;
  log: Logger;
  clock: Clock;
}

/** Errors, and warnings, of rules that are logged at once; `check` lists them all. */
const MAX_ERRORS = 50;
const MAX_WARNINGS = 10;

export class Reload {
  readonly #options: ReloadOptions;
  readonly #rules: LoadedRules;
  #config: Config;
  #successful = true;
  #succeededAt: number;
  /** Reloads one after another. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#rules = new LoadedRules(rulesOptions(options.config));
    this.#succeededAt = options.clock.now();
  }

  /** Whether the last load succeeded, and when one last did; milliseconds since the epoch. */
  get state(): { successful: boolean; succeededAt: number } {
    return { successful: this.#successful, succeededAt: this.#succeededAt };
  }

  get rules(): ReadonlyMap<string, CatalogueRule> {
    return this.#rules.rules;
  }

  /** Loads the rules for the first time. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#take(this.#config));
  }

  /**
   * SIGHUP: takes another configuration and reads the rules again.
   * @param load gives it, or throws what is wrong with it
   */
  reload(load: () => Config): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const config = load();
        refuseRestart(this.#config, config);
        await this.#take(config);
      } catch (error) {
        this.#successful = false;
        const faults = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
        for (const fault of faults)
          this.#options.log.error(
            { code: fault instanceof ExporterError ? fault.code : 'unknown' },
            `not reloaded: ${fault instanceof ExporterError ? fault.describe() : String(fault)}`,
          );
      }
    });
  }

  /** Reads the rules again where their files have changed. */
  async watch(): Promise<void> {
    if (await this.#rules.changed()) await this.#inTurn(() => this.#take(this.#config));
  }

  /** What is good of rules with faults is taken, at the start and later alike; what isn't is named. */
  async #take(config: Config): Promise<void> {
    const { ledger, intake, log, clock } = this.#options;
    const problems = await this.#rules.load(rulesOptions(config));
    const errors = problems.filter(({ severity }) => severity === 'error');
    this.#log(errors, MAX_ERRORS);
    this.#log(
      problems.filter(({ severity }) => severity === 'warning'),
      MAX_WARNINGS,
    );
    this.#successful = errors.length === 0;
    if (this.#successful) this.#succeededAt = clock.now();
    this.#config = config;
    const { wanted } = ledger;
    ledger.expect(this.#rules.rules.values(), serviceResolver(config));
    // A scanner has megabytes of memory, and knows the tuples that it has met: one that still serves stays.
    if (!isDeepStrictEqual(ledger.wanted, wanted))
      intake.use(createScanner(ledger.wanted, config.input.max_line_bytes));
    if (config.rules.file.length === 0) return;
    const loaded = { rules: this.#rules.rules.size };
    if (this.#successful) log.info(loaded, 'rules loaded');
    else log.warn({ ...loaded, errors: errors.length }, 'rules loaded, without those that are wrong');
  }

  #log(problems: readonly Problem[], most: number): void {
    const { log } = this.#options;
    for (const { code, severity, place, what } of problems.slice(0, most))
      log[severity === 'error' ? 'error' : 'warn']({ code, ...place }, what);
    if (problems.length > most) log.warn({ more: problems.length - most }, 'more: see check');
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(step);
    return this.#last;
  }
}

function rulesOptions({ rules }: Config) {
  return { files: rules.file, falcoConfig: rules.falco_config };
}

/** @throws CONFIG_NEEDS_RESTART */
function refuseRestart(old: Config, next: Config): void {
  const fixed = ({ services: _s, service_field: _f, rules: _r, ...rest }: Config): Record<string, unknown> =>
    rest;
  const [before, after] = [fixed(old), fixed(next)];
  const changed = Object.keys(after).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  if (changed.length > 0)
    throw new ExporterError('CONFIG_NEEDS_RESTART', `${changed.join(', ')}: changing this needs a restart`, {
      advice: 'Restart the exporter: it goes on where it stood.',
    });
}
