/**
 * Which module may import which: each only those of the lines above its own. A line's modules don't know each other,
 * except where it is one folder. Run by `npm run structure`.
 */
const MODULES = [
  ['src/(clock|within|safe|signals|build|words)[.]ts'],
  ['src/errors[.]ts'],
  ['src/log/', 'src/event/', 'src/config/'],
  ['src/source/', 'src/rules/'],
  ['src/noise/'],
  ['src/ledger/'],
  ['src/state/'],
  ['src/metrics/', 'src/plain-health[.]ts'],
  ['src/web/', 'src/count/', 'src/health[.]ts'],
  ['src/app/', 'src/respond/'],
  ['src/commands[.]ts'],
  ['src/cli/'],
  ['src/main[.]ts', 'src/demo/'],
];

/** The same within modules; only source/ has no order yet. */
const WITHIN = [
  [
    ['src/event/(priority|time)[.]ts', 'src/event/line/', 'src/event/internal/'],
    ['src/event/scan/'],
    ['src/event/framing/'],
  ],
  [
    ['src/rules/(reading|names)/'],
    ['src/rules/definitions/'],
    ['src/rules/conditions/'],
    ['src/rules/[^/]+[.](ts|js)'],
    ['src/rules/checking/'],
  ],
  [
    ['src/ledger/series[.]ts'],
    ['src/ledger/views/', 'src/ledger/history/'],
    ['src/ledger/(?!series)[^/]+[.]ts'],
  ],
  [
    ['src/web/(answer|time|summary)[.]ts'],
    ['src/web/tls/', 'src/web/traffic/'],
    ['src/web/web-config/', 'src/web/events/'],
    ['src/web/authentication/', 'src/web/page/'],
    ['src/web/(?!answer|time|summary)[^/]+[.]ts'],
  ],
  [
    ['src/respond/(words|share)[.]ts'],
    ['src/respond/policy/', 'src/respond/docker/', 'src/respond/journal/'],
    ['src/respond/evidence/'],
    ['src/respond/act/', 'src/respond/web/'],
    ['src/respond/metrics[.]ts'],
    ['src/respond/(?!words|share|metrics)[^/]+[.]ts'],
  ],
];

/** For each line: its modules import nothing of the lines below, and nothing of their neighbours. */
function directions(lines) {
  return lines.flatMap((line, index) =>
    line
      .map((module) => {
        const above = lines.slice(index + 1).flat();
        const beside = line.filter((other) => other !== module);
        return {
          name: `direction-${module.replace(/[^\w-]+/g, '-')}`,
          comment:
            'Imports go one way: see the order of modules in .dependency-cruiser.cjs and docs/design.md.',
          severity: 'error',
          from: { path: `^${module}` },
          to: { path: [...above, ...beside].map((other) => `^${other}`) },
        };
      })
      .filter(({ to }) => to.path.length > 0),
  );
}

/** A file that no line names would be free to import anything. */
const named = [...MODULES.flat()].map((module) => `^${module}`);

module.exports = {
  forbidden: [
    { name: 'circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'in-no-line',
      comment: 'Give it a line in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^src/', pathNot: named },
      to: {},
    },
    { name: 'unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'tests-in-source',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    ...directions(MODULES),
    ...WITHIN.flatMap(directions),
  ],
  options: {
    // Types count: what a module knows of another is a tie, whether it runs or not.
    tsPreCompilationDeps: true,
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/(event/kernel|web/page/static)/' },
  },
};
