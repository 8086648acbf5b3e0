/**
 * The format of a snapshot's file: a line that says what it is and who wrote it, then a line for each part of the value.
 * So it is written and read in pieces, and is never one text in memory.
 *
 * Version 1 had the whole value in one line; it is read, and never written.
 */
import * as z from 'zod';
import { falcoRun } from '../ledger/falco.ts';
import { historyState } from '../ledger/history/history.ts';
import { type LedgerState, ledgerState } from '../ledger/state.ts';
import { viewState } from '../ledger/views/state.ts';
import type { FilePositions } from '../source/source.ts';
import { filePosition, type PathPositions, pathPositions, upgraded } from './positions.ts';

const FORMAT = 'falco-event-exporter snapshot';
export const VERSION = 2;
/** Items of a list in one line. */
const ITEMS = 200;

/** Version 1. */
const whole = z.object({ positions: z.array(pathPositions), ledger: ledgerState });

const { families, lastEvent } = ledgerState.shape;
/** A line of version 2: one of these. */
const part = z.strictObject({
  source: z.object({ time: z.number(), begun: z.array(z.string()), finished: z.string() }).optional(),
  files: z.array(filePosition).optional(),
  /** A family, or more of the one before; in the order in which views count their series. */
  family: z.tuple([z.string(), families.valueType]).optional(),
  lastEvent: lastEvent.optional(),
  falco: falcoRun.optional(),
  view: viewState.optional(),
  history: historyState.optional(),
});
type Part = z.infer<typeof part>;

export const header = z.object({
  format: z.literal(FORMAT),
  version: z.number(),
  /** Names one writing of one process. */
  writing: z.string(),
  sha256: z.string(),
});

/** What a snapshot holds. */
export interface Snapshot {
  positions: FilePositions;
  ledger: LedgerState;
}

/** The first line: of the same length whatever the checksum. */
export function headerLine(writing: string, sha256: string): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, writing, sha256 })}\n`;
}

/**
 * The lines after it, one by one. Positions are taken at the call, since sources move them; the rest is made as it is
 * asked for, and must not change until then.
 * @throws where a reader would refuse what it is given
 */
export function partLines({ positions, ledger }: Snapshot): Iterable<string> {
  const { files, ...source } = positions;
  return linesOf(
    [partLine({ source }), ...pieces(files).map((each) => `${JSON.stringify({ files: each })}\n`)],
    ledger,
  );
}

function* linesOf(positions: readonly string[], ledger: LedgerState): Generator<string> {
  yield* positions;
  for (const [name, { labels, series }] of Object.entries(ledger.families)) {
    yield familyLine(name, labels, series.slice(0, ITEMS));
    for (const more of pieces(series).slice(1)) yield familyLine(name, [], more);
  }
  for (const each of partsOf(ledger)) yield partLine(each);
}

type FamilyState = LedgerState['families'][string];

/** A `family` part. Most of a snapshot is these, and it is written for each scrape: zod takes ten times as long. */
function familyLine(name: string, labels: FamilyState['labels'], series: FamilyState['series']): string {
  const texts = series.map(seriesText).join(',');
  return `{"family":[${JSON.stringify(name)},{"labels":${JSON.stringify(labels)},"series":[${texts}]}]}\n`;
}

function seriesText(series: FamilyState['series'][number]): string {
  let text = `[${labelsText(series[0])}`;
  for (let at = 1; at < series.length; at++) {
    const number = series[at] as number;
    if (at <= 2 ? !Number.isSafeInteger(number) || number < 0 : !Number.isFinite(number))
      throw new Error(`a series has the number ${number}`);
    text += `,${number}`;
  }
  return `${text}]`;
}

/** Of the labels of series, which are one object for its life. */
const labelsTexts = new WeakMap<readonly string[], string>();

function labelsText(labels: readonly string[]): string {
  let text = labelsTexts.get(labels);
  if (text === undefined) {
    text = JSON.stringify(labels);
    labelsTexts.set(labels, text);
  }
  return text;
}

function partLine(each: object): string {
  return `${JSON.stringify(part.parse(each))}\n`;
}

function* partsOf(ledger: LedgerState): Generator<object> {
  for (const times of pieces(ledger.lastEvent)) yield { lastEvent: times };
  for (const run of ledger.falco ?? []) yield { falco: run };
  for (const view of ledger.views ?? []) yield { view };
  if (!ledger.history) return;
  const { rows = [], pairs = [], ...rest } = ledger.history;
  yield { history: rest };
  for (const some of pieces(rows)) yield { history: { rows: some } };
  for (const some of pieces(pairs)) yield { history: { pairs: some } };
}

function pieces<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / ITEMS) }, (_, piece) =>
    items.slice(piece * ITEMS, (piece + 1) * ITEMS),
  );
}

/** Puts a snapshot together from its lines, the first one left out. */
export class SnapshotReader {
  readonly #version: number;
  readonly #families = new Map<string, LedgerState['families'][string]>();
  readonly #files: FilePositions['files'] = [];
  #source: Omit<FilePositions, 'files'> = { time: 0, begun: [], finished: '' };
  /** Of version 1. */
  #paths: readonly PathPositions[] = [];
  readonly #ledger: LedgerState = { families: {}, lastEvent: [] };

  /** @throws where this version can't be read */
  constructor(version: number) {
    if (version !== 1 && version !== VERSION)
      throw new Error(`it has version ${version}, this exporter reads ${VERSION} and older`);
    this.#version = version;
  }

  /** @throws where it is not what a snapshot has */
  take(line: string): void {
    const ledger = this.#ledger;
    if (this.#version === 1) {
      const value = whole.parse(JSON.parse(line));
      this.#paths = value.positions;
      Object.assign(ledger, value.ledger);
      for (const [name, family] of Object.entries(value.ledger.families)) this.#families.set(name, family);
      return;
    }
    const { source, files, family, lastEvent, falco, view, history }: Part = part.parse(JSON.parse(line));
    if (source) this.#source = source;
    for (const file of files ?? []) this.#files.push(file);
    if (family) this.#more(...family);
    for (const time of lastEvent ?? []) ledger.lastEvent.push(time);
    if (falco) ledger.falco = [...(ledger.falco ?? []), falco];
    if (view) ledger.views = [...(ledger.views ?? []), view];
    if (history) {
      const { rows = [], pairs = [], ...rest } = history;
      const known = ledger.history ?? {};
      ledger.history = {
        ...known,
        ...rest,
        rows: [...(known.rows ?? []), ...rows],
        pairs: [...(known.pairs ?? []), ...pairs],
      };
    }
  }

  get snapshot(): Snapshot {
    const positions = this.#version === 1 ? upgraded(this.#paths) : { ...this.#source, files: this.#files };
    return { positions, ledger: { ...this.#ledger, families: Object.fromEntries(this.#families) } };
  }

  #more(name: string, more: LedgerState['families'][string]): void {
    const known = this.#families.get(name);
    if (!known) this.#families.set(name, more);
    else for (const series of more.series) known.series.push(series);
  }
}
