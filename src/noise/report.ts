/** What `noise` found: for people, as JSON, and as a rules file for Falco. */
import { safeJson, safeText } from '../safe.ts';
import { exceptionsFile } from './exceptions.ts';
import type { Noise } from './noise.ts';
import type { Exception, Proposal } from './propose.ts';

export type NoiseOutput = 'table' | 'json' | 'rules';

/** Values are cut after so many characters in the table; JSON and the rules file have them whole. */
const MOST_SHOWN = 100;

export function noiseReport(noise: Noise, output: NoiseOutput): string {
  if (output === 'json') return `${safeJson(noise)}\n`;
  if (output === 'rules') return exceptionsFile(noise.rules);
  return table(noise);
}

function table({ events, rules }: Noise): string {
  const silenced = rules.reduce((sum, { silences }) => sum + silences, 0);
  const parts = rules.map((proposal) => ruleText(proposal, events));
  const total =
    silenced === 0
      ? `${events} events. No exception is proposed.`
      : `${events} events. The proposed exceptions would have silenced ${silenced} (${percent(silenced, events)}).\n` +
        'Nothing was changed. --output=rules prints them as a rules file: read it before Falco loads it.';
  return `${[...parts, total].join('\n\n')}\n`;
}

function ruleText(proposal: Proposal, all: number): string {
  const { rule, priority, events, silences, exceptions, stay, why } = proposal;
  const lines = [`${safeText(rule)} (${priority}): ${events} events, ${percent(events, all)} of all`];
  if (silences > 0) lines.push(`  silenced by exceptions: ${silences}, stay: ${events - silences}`);
  for (const exception of exceptions) lines.push(...exceptionText(exception));
  if (silences < events && why !== undefined)
    lines.push(`  ${silences > 0 ? 'the rest stays' : 'no exception'}: ${safeText(why)}`);
  for (const { count, values } of stay)
    lines.push(`    stays, ${count}: ${valuesText(Object.entries(values))}`);
  return lines.join('\n');
}

function* exceptionText({ fields, entries }: Exception): Generator<string> {
  for (const { values, silences } of entries)
    yield `    except, ${silences}: ${valuesText(fields.map((field, index) => [field, values[index]!]))}`;
}

function valuesText(values: readonly (readonly [string, string])[]): string {
  return values.map(([field, value]) => `${field}=${cut(safeText(value))}`).join(' ');
}

function cut(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text);
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
}
