/** What a rule's output must be for our counts: one line, with a field that names the container. */

import type { Definitions, RuleDefinition } from '../definitions/definitions.ts';
import type { AppendOutput, FalcoConfig } from '../reading/falcoconfig.ts';
import { quote } from '../reading/problem.ts';
import type { Text } from '../reading/text.ts';

const CONTAINER_FIELD = /%(?:container|k8s)\.|%\{(?:container|k8s)\./;

/** `watched` are the rules whose condition names containers. */
export function checkOutputs(
  definitions: Definitions,
  config: FalcoConfig | undefined,
  watched: ReadonlySet<string>,
): void {
  for (const rule of definitions.rules.values()) {
    if (!rule.output) continue;
    checkLines(definitions, rule.output);
    // without falco.yaml nothing is known of append_output, and Falco's own default adds the container's name
    if (rule.source !== 'syscall' || (!config && !watched.has(rule.name))) continue;
    const added = config?.appendOutput?.filter((entry) => meets(rule, entry)).map(({ adds }) => adds) ?? [];
    if (![rule.output.value, ...added].some((text) => CONTAINER_FIELD.test(text)))
      definitions.lints.warning(
        'RULES_OUTPUT_CONTAINER',
        rule.output.place(0),
        `the output of ${quote(rule.name)} names no container`,
        config
          ? "Add %container.name, or 'append_output: [{suggested_output: true}]' to falco.yaml."
          : 'Add %container.name, so that each event says whose it is whatever falco.yaml appends.',
      );
  }
}

/** Falco trims the ends and prints any line break between them. */
function checkLines(definitions: Definitions, output: Text): void {
  const lines = output.value.trimEnd();
  const lineBreak = lines.slice(lines.search(/\S/)).search(/[\r\n]/) + lines.search(/\S/);
  if (!/[\r\n]/.test(lines[lineBreak] ?? '')) return;
  const next = lineBreak + lines.slice(lineBreak).search(/\S/);
  definitions.lints.warning(
    'RULES_OUTPUT_LINES',
    output.place(next),
    'the output goes on in a second line',
    "Write it in one line, or fold it with 'output: >' and no blank or deeper indented lines.",
  );
}

/** Whether Falco appends this to the outputs of the rule. */
export function meets(
  rule: RuleDefinition,
  { source, rule: name, tags }: Pick<AppendOutput, 'source' | 'rule' | 'tags'>,
): boolean {
  return (
    (source === undefined || source === '' || source === rule.source) &&
    (name === undefined || name === '' || name === rule.name) &&
    tags.every((tag) => rule.tags.has(tag))
  );
}
