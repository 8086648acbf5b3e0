/** What a rules file requires: a version of Falco's engine, and plugins. */
import { ENGINE, FALCO } from '../names/table.ts';
import type { Item } from '../reading/item.ts';
import { quote } from '../reading/problem.ts';
import type { Definitions } from './definitions.ts';

/** As libsinsp reads versions: three numbers, and whatever follows them. */
const VERSION = /^\s*(\d{1,9})\.(\d{1,9})\.(\d{1,9})/;

function parseVersion(text: string): [major: number, minor: number, patch: number] | undefined {
  const [, major, minor, patch] = VERSION.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** A number alone is a minor version of the engine, with its own major and patch. */
function parseEngine(text: string): [number, number, number] | undefined {
  const [major, , patch] = parseVersion(ENGINE)!;
  return /^\d{1,9}$/.test(text) ? [major, Number(text), patch] : parseVersion(text);
}

export function readRequiredEngine(item: Item): void {
  const written = item.required('required_engine_version');
  const version = written && parseEngine(written.value);
  const place = item.placeOf('required_engine_version');
  if (written && !version)
    item.problems.error(
      'RULES_VERSION',
      place,
      `${quote(written.value)} is no engine version`,
      `Write a number, or three with points: ${ENGINE}.`,
    );
  else if (written && version && !isCompatible(version))
    item.problems.error(
      'RULES_VERSION',
      place,
      `the rules require engine ${quote(written.value)}, and Falco ${FALCO} has ${ENGINE}`,
      'Use rules for this Falco, or a newer Falco: this check knows none.',
    );
  item.warnUnknownKeys(new Set(['required_engine_version']));
}

function isCompatible([major, minor, patch]: [number, number, number]): boolean {
  const [ours, ourMinor, ourPatch] = parseVersion(ENGINE)!;
  return major === ours && (minor < ourMinor || (minor === ourMinor && patch <= ourPatch));
}

export function readRequiredPlugins(item: Item, definitions: Definitions): void {
  const key = 'required_plugin_versions';
  const plugins = item.file.sequence(item.value(key));
  if (!plugins) item.wrongType(key, 'a sequence of maps with name and version');
  for (const node of plugins?.items ?? []) {
    const alternatives = readPlugin(item, node);
    const names = [node, ...alternatives].map((each) => nameOf(item, each));
    for (const name of names) if (name !== undefined) definitions.plugins.add(name);
    const again = alternatives.find((_, index) => names.indexOf(names[index + 1]) <= index);
    if (again)
      item.problems.error(
        'RULES_VERSION',
        item.file.placeOf(again),
        'the same plugin stands twice among the alternatives',
        'Give one version for each plugin.',
      );
  }
  item.warnUnknownKeys(new Set([key]));
}

/** @returns its alternatives */
function readPlugin(item: Item, node: unknown): unknown[] {
  const { file } = item;
  const map = file.map(node);
  const list = map && file.entries(map).get('alternatives')?.value;
  const alternatives = file.sequence(list);
  if (list && !alternatives)
    item.problems.error(
      'RULES_VERSION',
      file.placeOf(list),
      "'alternatives' is no sequence",
      'Give a sequence.',
    );
  for (const each of [node, ...(alternatives?.items ?? [])]) checkPlugin(item, each);
  return alternatives?.items ?? [];
}

function nameOf({ file }: Item, node: unknown): string | undefined {
  const map = file.map(node);
  return map && file.scalar(file.entries(map).get('name')?.value)?.value;
}

function checkPlugin({ file, problems }: Item, node: unknown): void {
  const map = file.map(node);
  const fields = map && file.entries(map);
  const version = file.scalar(fields?.get('version')?.value);
  if (!version || !file.scalar(fields?.get('name')?.value))
    problems.error('RULES_VERSION', file.placeOf(node), 'a plugin without name or version', 'Give both.');
  else if (!parseVersion(version.value))
    problems.error(
      'RULES_VERSION',
      file.placeOf(version),
      `${quote(version.value)} is no version of a plugin`,
      'Write three numbers with points: 0.7.0.',
    );
}
