import { readFileSync } from 'node:fs';

/** Which build this is: the package's version, and the commit where the build's maker names it. */
export function buildInfo(environment: NodeJS.ProcessEnv): { version: string; revision: string } {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return { version, revision: environment.FALCO_EVENT_EXPORTER_REVISION ?? 'unknown' };
}
