/** Rules files for one test, in a directory that goes with it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type LoadedCatalogue, loadCatalogue } from '../../src/rules/catalogue.ts';

export async function directory(test: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rules-'));
  test.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Loads the texts as files in this order. */
export async function loadTexts(
  test: TestContext,
  texts: string[],
  falcoConfig?: string,
): Promise<LoadedCatalogue> {
  const path = await directory(test);
  const files = texts.map((_, number) => join(path, `${number}.yaml`));
  await Promise.all(files.map((file, number) => writeFile(file, texts[number]!)));
  const config = falcoConfig === undefined ? undefined : join(path, 'falco.yaml');
  if (config) await writeFile(config, falcoConfig!);
  return loadCatalogue(files, { falcoConfig: config });
}

/** A rule in YAML; lines of `more` are its further fields. */
export function rule(name: string, condition = 'evt.type = open', priority = 'WARNING', more = ''): string {
  const fields = [
    `- rule: ${name}`,
    'desc: d',
    `condition: ${condition}`,
    'output: o',
    `priority: ${priority}`,
  ];
  return `${[...fields, ...more.split('\n').filter(Boolean)].join('\n  ')}\n`;
}

/** `code line` of each problem; warnings in parentheses. */
export function codes({ problems }: LoadedCatalogue): string[] {
  return problems.map(({ code, severity, place }) => {
    const text = `${code} ${place.line ?? '-'}`;
    return severity === 'error' ? text : `(${text})`;
  });
}
