/** Proposals as a rules file that Falco loads after the rules that they are for. */
import { createHash } from 'node:crypto';
import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { safeText } from '../safe.ts';
import type { Proposal } from './propose.ts';
import { falcoValue } from './value.ts';

/**
 * The file's text: for each rule an item with `exceptions` and `override: {exceptions: append}`, which Falco 0.36 and
 * later take. Before each entry a comment says how many events it would have silenced.
 */
export function exceptionsFile(proposals: readonly Proposal[]): string {
  const worthwhile = proposals.filter(({ exceptions }) => exceptions.length > 0);
  const items = worthwhile.map((proposal) => ({
    rule: proposal.rule,
    exceptions: proposal.exceptions.map(({ fields, entries }) => ({
      name: nameOf(fields, entries),
      fields,
      comps: fields.map(() => '='),
      values: entries.map(({ values }) => values.map(falcoValue)),
    })),
    override: { exceptions: 'append' },
  }));
  const document = new Document(items);
  document.commentBefore = HEADING;
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && (key.value === 'fields' || key.value === 'comps') && isSeq(value))
        value.flow = true;
    },
  });
  for (const [index, proposal] of worthwhile.entries()) {
    const item = document.get(index);
    if (!isMap(item)) continue;
    item.commentBefore = ` ${safeText(proposal.rule)}: silences ${proposal.silences} of ${proposal.events} events`;
    for (const [at, { entries }] of proposal.exceptions.entries())
      for (const [row, { silences }] of entries.entries()) {
        const values = item.getIn(['exceptions', at, 'values', row]);
        if (!isSeq(values)) continue;
        values.flow = true;
        values.commentBefore = ` ${silences} events`;
      }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const HEADING = ` Proposed by falco-event-exporter noise. Read each entry before you load it: Falco will no
 longer see anybody who runs the same program with the same values. Load it after the rules files that it is for.`;

/** A name that no exception of the rule has yet: Falco appends values to one of the same name instead. */
function nameOf(fields: readonly string[], entries: Proposal['exceptions'][number]['entries']): string {
  const content = JSON.stringify([fields, entries.map(({ values }) => values)]);
  return `normal_work_${createHash('sha256').update(content).digest('hex').slice(0, 8)}`;
}
