import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckReport } from '../../../src/rules/checking/check.ts';
import { formatReportJson, formatReportText } from '../../../src/rules/checking/report.ts';

const report: CheckReport = {
  ok: false,
  files: ['a.yaml'],
  rules: 3,
  enabledRules: 2,
  rulesByPriority: { error: 2, debug: 1 },
  errors: 1,
  warnings: 1,
  problems: [
    {
      code: 'RULES_PRIORITY',
      severity: 'error',
      place: { file: 'a.yaml', line: 3, column: 13 },
      what: 'no priority',
      advice: 'Give one.',
    },
    { code: 'YAML_MISSING', severity: 'warning', place: { file: 'b' }, what: 'empty', advice: 'Fill it.' },
  ],
  omitted: 0,
};

describe('the report', () => {
  it('as text begins each problem like a compiler does, and ends in a summary', () => {
    const lines = formatReportText(report).split('\n');
    assert.equal(lines.length, 6);
    assert.match(lines[0]!, /^a\.yaml:3:13: error: .*\[RULES_PRIORITY\]$/);
    assert.match(lines[2]!, /^b: warning: .*\[YAML_MISSING\]$/);
    assert.match(lines[4]!, /^1 file, 3 rules \(2 error, 1 debug\), 2 enabled: 1 error, 1 warning$/);
  });

  it('as text says how many problems it leaves out', () => {
    assert.match(formatReportText({ ...report, omitted: 7 }), /7 more/);
  });

  it('as JSON gives each problem its place beside the rest', () => {
    const { problems, ...rest } = JSON.parse(formatReportJson(report));
    assert.deepEqual(problems[0], {
      code: 'RULES_PRIORITY',
      severity: 'error',
      what: 'no priority',
      advice: 'Give one.',
      file: 'a.yaml',
      line: 3,
      column: 13,
    });
    assert.deepEqual([rest.ok, rest.errors, rest.rulesByPriority], [false, 1, { error: 2, debug: 1 }]);
  });
});
