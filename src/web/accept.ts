/** What a request for /metrics asks for: the format by Accept, compression by Accept-Encoding (RFC 9110, 12.4 and 12.5). */
import type { Format } from '../metrics/format.ts';

interface Choice {
  /** In lower case. */
  name: string;
  parameters: ReadonlyMap<string, string>;
  quality: number;
}

/** Longest header that is looked at; bytes. */
const MOST = 4096;

/**
 * OpenMetrics where it is wanted at least as much as the text format; of equals, the one that is named first. Who accepts
 * anything, or nothing of both, gets the text format.
 */
export function formatOf(accept: string | undefined): Format {
  const choices = choicesOf(accept);
  const open = best(choices, isOpenMetrics);
  const text = best(choices, isText);
  if (!open || open.quality === 0) return 'text';
  if (!text || open.quality > text.quality) return 'openmetrics';
  if (open.quality < text.quality) return 'text';
  return open.rank === 3 && (text.rank < 3 || open.at < text.at) ? 'openmetrics' : 'text';
}

/** Whether gzip is wanted, and at least as much as no compression. */
export function wantsGzip(acceptEncoding: string | undefined): boolean {
  const choices = choicesOf(acceptEncoding);
  const quality = (...names: string[]) =>
    names.map((name) => choices.find((choice) => choice.name === name)?.quality).find((q) => q !== undefined);
  const gzip = quality('gzip', 'x-gzip', '*') ?? 0;
  // Only where it is named is no compression more than what is left when nothing else is.
  return gzip > 0 && gzip >= (quality('identity') ?? 0);
}

/** How exactly a choice names a type: 0 not at all, 1 as anything, 2 as one of its kind, 3 by its name. */
type Rank = 0 | 1 | 2 | 3;

/** The most exact choice decides what a type is worth, whatever the others say. */
function best(choices: readonly Choice[], rankOf: (choice: Choice) => Rank) {
  let found: { quality: number; rank: Rank; at: number } | undefined;
  for (const [at, choice] of choices.entries()) {
    const rank = rankOf(choice);
    const { quality } = choice;
    if (rank === 0) continue;
    // Several may name it, with parameters that mean the same to us.
    if (!found || rank > found.rank || (rank === found.rank && quality > found.quality))
      found = { quality, rank, at };
  }
  return found;
}

function isOpenMetrics({ name, parameters }: Choice): Rank {
  if (name === 'application/openmetrics-text') return has(parameters, '1.0.0') ? 3 : 0;
  return name === 'application/*' ? 2 : name === '*/*' ? 1 : 0;
}

function isText({ name, parameters }: Choice): Rank {
  if (name === 'text/plain') return has(parameters, '0.0.4') ? 3 : 0;
  return name === 'text/*' ? 2 : name === '*/*' ? 1 : 0;
}

function has(parameters: ReadonlyMap<string, string>, version: string): boolean {
  return (parameters.get('version') ?? version) === version;
}

function choicesOf(header: string | undefined): Choice[] {
  return (header ?? '')
    .slice(0, MOST)
    .toLowerCase()
    .split(',')
    .map((item) => {
      const [name = '', ...rest] = item.split(';').map((part) => part.trim());
      const parameters = new Map(rest.map((part) => pair(part)));
      return { name, parameters, quality: qualityOf(parameters.get('q')) };
    });
}

function pair(parameter: string): [string, string] {
  const [name = '', value = ''] = parameter.split('=', 2);
  return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')];
}

/** What can't be read as a quality is none. */
function qualityOf(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(0(\.\d*)?|1(\.0*)?)$/.test(text) ? Number(text) : 0;
}
