/** The two forms of a check's report. */

import { formatPlace } from '../../errors.ts';
import { safeJson, safeText } from '../../safe.ts';
import type { CheckReport } from './check.ts';

/** For people: `file:line:column: severity: what [CODE]`, what to do on the next line, and a summary at the end. */
export function formatReportText(report: CheckReport): string {
  const lines = report.problems.flatMap(({ code, severity, place, what, advice }) => [
    safeText(`${formatPlace(place)}: ${severity}: ${what} [${code}]`),
    `  ${safeText(advice)}`,
  ]);
  if (report.omitted > 0) lines.push(`… and ${report.omitted} more`);
  const priorities = Object.entries(report.rulesByPriority).map(
    ([priority, count]) => `${count} ${priority}`,
  );
  lines.push(
    `${count(report.files.length, 'file')}, ${count(report.rules, 'rule')}` +
      `${priorities.length > 0 ? ` (${priorities.join(', ')})` : ''}, ${report.enabledRules} enabled: ` +
      `${count(report.errors, 'error')}, ${count(report.warnings, 'warning')}`,
  );
  return `${lines.join('\n')}\n`;
}

/** For programs: one JSON object, indented. Each problem has code, severity, file, line, column, what and advice. */
export function formatReportJson(report: CheckReport): string {
  const problems = report.problems.map(({ place, ...problem }) => ({ ...problem, ...place }));
  return `${safeJson({ ...report, problems })}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
