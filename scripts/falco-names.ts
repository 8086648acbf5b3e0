/**
 * Makes src/rules/names/table.ts: the names that Falco and its plugins know, which `check` asks for. They are read from
 * checkouts of falcosecurity's repositories, side by side in one directory: falco, libs (the release that this falco
 * names in cmake/modules/falcosecurity-libs.cmake), plugins and rules.
 *
 *     npx tsx scripts/falco-names.ts DIRECTORY FALCO_VERSION
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory, falco] = process.argv.slice(2);
if (directory === undefined || falco === undefined)
  throw new Error('usage: falco-names.ts DIRECTORY FALCO_VERSION');
const read = (...path: string[]) =>
  readFileSync(join(directory, ...path), 'utf8').replace(/^\s*\/\/.*$/gm, '');
const found = (text: string, pattern: RegExp): string => {
  const match = pattern.exec(text);
  if (!match) throw new Error(`nothing matches ${pattern}`);
  return match[1]!;
};

interface Field {
  name: string;
  /** libsinsp's type without PT_. */
  type: string;
  /** See `MARKS` in src/rules/names/fields.ts. */
  marks: string;
}

/** The tables of libsinsp's own classes. */
function libsFields(file: string): Field[] {
  const text = read('libs/userspace/libsinsp', file);
  const entry = /\{\s*PT_(\w+)\s*,\s*((?:\([\w]+\))?[^"{}]*?)\s*,\s*PF_\w+\s*,\s*"([^"]+)"/g;
  return [...text.matchAll(entry)].map(([, type, flags, name]) => {
    const has = (flag: string) => flags!.includes(flag);
    const marks = [
      has('EPF_IS_LIST') && '*',
      has('EPF_ARG_REQUIRED') ? '!' : has('EPF_ARG_ALLOWED') && '?',
      has('EPF_NO_TRANSFORMER') && '-',
    ];
    return { name: name!, type: type!, marks: marks.filter(Boolean).join('') };
  });
}

const TYPES: Record<string, string> = {
  string: 'CHARBUF',
  uint64: 'UINT64',
  bool: 'BOOL',
  reltime: 'RELTIME',
};
Object.assign(TYPES, { abstime: 'ABSTIME', ipaddr: 'IPADDR', ipnet: 'IPNET' });

/** The marks of a plugin's field: whether it is a list, and what says of its argument. */
function pluginMarks(list: boolean, argument: string): string {
  const required = /IsRequired:\s*true|\.required = true|req_(?:both|key)_arg/.test(argument);
  const index = /IsIndex:\s*true|\.index = true|req_both_arg/.test(argument);
  const key = /IsKey:\s*true|\.key = true|req_(?:both|key)_arg/.test(argument);
  return [list && '*', (index || key) && (required ? '!' : '?'), index && !key && '#']
    .filter(Boolean)
    .join('');
}

function withoutTexts(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

/** The members of the braces that a text begins with. */
function members(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of withoutTexts(text).slice(1)) {
    if (depth === 0 && char === '}') break;
    if ('{('.includes(char)) depth++;
    if ('})'.includes(char)) depth--;
    if (depth === 0 && char === ',') parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim());
}

function goFields(...path: string[]): Field[] {
  const text = read('plugins/plugins', ...path);
  const fields: Field[] = [];
  const entries = text.split(/(?=\bType:\s*"\w+")/).slice(1);
  for (const entry of entries) {
    const [, type, name] = /^Type:\s*"(\w+)",\s*Name:\s*"([^"]+)"/.exec(entry) ?? [];
    if (name === undefined) continue;
    const rest = withoutTexts(entry);
    fields.push({ name, type: TYPES[type!]!, marks: pluginMarks(/IsList:\s*true/.test(rest), rest) });
  }
  // A plugin that repeats fields for several lists: `prefix + name`.
  for (const [, list, , host] of text.matchAll(/containerListFields\("(\w+)", "([^"]*)", (true|false)\)/g))
    for (const [, name] of text.matchAll(/\bentry\("([\w.]+)"/g))
      if (name !== 'host_port' || host === 'true')
        fields.push({ name: `ka.req.pod.${list}.${name}`, type: 'CHARBUF', marks: '*?#' });
  return fields;
}

function cppFields(...path: string[]): Field[] {
  const text = read('plugins/plugins', ...path);
  return text
    .split(/(?=\{ft::FTYPE_)/)
    .slice(1)
    .map((entry) => {
      const [, type, name] = /^\{ft::FTYPE_(\w+),\s*"([^"]+)"/.exec(entry)!;
      // type, name, display, description, argument, whether it is a list
      const [, , , , argument = '', list = ''] = members(entry);
      return {
        name: name!,
        type: TYPES[type!.toLowerCase()]!,
        marks: pluginMarks(list === 'true', argument),
      };
    });
}

// ---- events

const events = read('libs/driver/event_table.c');
const eventNames = [...events.matchAll(/\[PPME_\w+\]\s*=\s*\{\s*"(\w+)"/g)].map(([, name]) => name!);
const parameters = [...events.matchAll(/\{\s*"(\w+)"\s*,\s*PT_(\w+)\s*,\s*PF_/g)].map(
  ([, name, type]) => [name!, type!] as const,
);
const calls = read('libs/driver/ppm_events_public.h');
const syscalls = [...calls.matchAll(/PPM_SC_X\((\w+), \d+\)/g)].map(([, name]) => name!.toLowerCase());
const asynchronous = [
  ...read('plugins/plugins/container/src/macros.h.in').matchAll(/ASYNC_EVENT_NAME_\w+\s*\\?\s*"(\w+)"/g),
];

// ---- classes of fields, in the order in which Falco asks them

const sinsp = 'libs/userspace/libsinsp';
const own = readdirSync(join(directory, sinsp)).filter((name) => /^sinsp_filtercheck_\w+\.cpp$/.test(name));
const INTERNAL = /multivalue|rawstring|reference|static/;
const groups: { name: string; version: string; sources: string[]; fields: Field[] }[] = [];
const libs = found(
  read('falco/cmake/modules/falcosecurity-libs.cmake').replaceAll('"0.0.0-local"', ''),
  /set\(FALCOSECURITY_LIBS_VERSION\s+"([\d.]+)"/,
);
groups.push({
  name: 'libs, all sources',
  version: libs,
  sources: ['*'],
  fields: libsFields('sinsp_filtercheck_gen_event.cpp'),
});
groups.push({
  name: 'libs',
  version: libs,
  sources: ['syscall'],
  fields: own.filter((name) => !INTERNAL.test(name) && !name.includes('gen_event')).flatMap(libsFields),
});
const plugin = (name: string, sources: string[], version: string, fields: Field[]) =>
  groups.push({ name, version, sources, fields });
const go = (name: string, file: string, source: string, versionFile: string) =>
  plugin(
    name,
    [source],
    found(read('plugins/plugins', name, versionFile), /Version:?\s*=?\s*"([\d.]+)"/),
    goFields(name, file),
  );
const cmake = read('plugins/plugins/container/CMakeLists.txt');
plugin(
  'container',
  ['syscall'],
  found(cmake, /VERSION\s+"?([\d.]{5,})"?/),
  cppFields('container/src/caps/extract/extract.cpp'),
);
const k8smeta = read('plugins/plugins/k8smeta/src/shared_with_tests_consts.h');
plugin(
  'k8smeta',
  ['syscall'],
  found(k8smeta, /PLUGIN_VERSION "([\d.]+)"/),
  cppFields('k8smeta/src/plugin.cpp'),
);
go('k8saudit', 'pkg/k8saudit/fields.go', 'k8s_audit', 'pkg/k8saudit/k8saudit.go');
go('cloudtrail', 'pkg/cloudtrail/extract.go', 'aws_cloudtrail', 'pkg/cloudtrail/cloudtrail.go');
go('okta', 'pkg/okta/okta.go', 'okta', 'pkg/okta/okta.go');
go('github', 'pkg/github/extract.go', 'github', 'pkg/github/github.go');
go('gcpaudit', 'pkg/gcpaudit/extract.go', 'gcp_auditlog', 'pkg/gcpaudit/gcpaudit.go');
// It reads events of any source.
go('json', 'pkg/json/json.go', '*', 'pkg/json/json.go');

// ---- what stands in the files that Falco and its packages bring

const STOCK = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
const stock = (kind: string) =>
  STOCK.map((file) => ({
    file,
    names: [...read('rules/rules', file).matchAll(new RegExp(`^- ${kind}: *(.+?) *$`, 'gm'))].map(
      ([, name]) => name!,
    ),
  }));

// ---- the file

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
/** Words as a template text that stays within a line's width. */
function words(names: Iterable<string>, indent: string): string {
  const lines: string[] = [''];
  for (const name of names) {
    if (lines.at(-1)!.length + name.length + indent.length > 108) lines.push('');
    lines[lines.length - 1] += `${lines.at(-1) === '' ? '' : ' '}${name}`;
  }
  return lines.map((line) => `\n${indent}  ${line}`).join('');
}
const lines = (names: string[]) => sorted(names).join('\n');
function byType(pairs: readonly (readonly [string, string])[], indent: string): string {
  const types = sorted(pairs.map(([, type]) => type));
  return types
    .map(
      (type) =>
        `\n${indent}${type}: \`${words(sorted(pairs.filter((pair) => pair[1] === type).map(([name]) => name)), indent)}\`,`,
    )
    .join('');
}
const engine = read('falco/userspace/engine/falco_engine_version.h');
const part = (name: string) => found(engine, new RegExp(`FALCO_ENGINE_VERSION_${name} (\\d+)`));
const text = `/** Names that Falco and its plugins know. Made by scripts/falco-names.ts: change that, never this. */

export const FALCO = '${falco}';
export const ENGINE = '${['MAJOR', 'MINOR', 'PATCH'].map(part).join('.')}';

/** What evt.type can be: events of libs, system calls, and what the container plugin adds. */
export const EVENT_TYPES = \`${words(sorted([...eventNames, ...syscalls, ...asynchronous.map(([, name]) => name!)]), '')}\`;

/** What evt.type.is can ask for. */
export const EVENT_NAMES = \`${words(sorted(eventNames), '')}\`;

/** Arguments of events by their type, as evt.arg and evt.rawarg name them; the first event that has one gives the type. */
export const ARGUMENTS: Record<string, string> = {${byType([...new Map([...parameters].reverse()).entries()], '  ')}
};

/** Rules, macros and lists of the rules files that Falco's packages bring; one name a line. */
export const STOCK: { file: string; rules: string; macros: string; lists: string }[] = [${STOCK.map(
  (file, index) => `
  {
    file: '${file}',
    rules: \`${lines(stock('rule')[index]!.names)}\`,
    macros: \`${lines(stock('macro')[index]!.names)}\`,
    lists: \`${lines(stock('list')[index]!.names)}\`,
  },`,
).join('')}
];

/** Fields by who brings them and by type; what follows a name is explained in fields.ts. */
export const CLASSES: {
  from: string;
  version: string;
  /** Event sources that have them; * is all. */
  sources: string[];
  fields: Record<string, string>;
}[] = [${groups
  .map(
    ({ name, version, sources, fields }) => `
  {
    from: '${name}',
    version: '${version}',
    sources: [${sources.map((source) => `'${source}'`).join(', ')}],
    fields: {${byType([...new Map(fields.map(({ name, type, marks }) => [`${name}${marks}`, type]))], '      ')}
    },
  },`,
  )
  .join('')}
];
`;
writeFileSync(new URL('../src/rules/names/table.ts', import.meta.url), text);
const count = groups.map(({ name, fields }) => `${name} ${fields.length}`).join(', ');
process.stdout.write(`${eventNames.length} events, ${syscalls.length} system calls; fields: ${count}\n`);
