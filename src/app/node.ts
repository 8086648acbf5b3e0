import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';

/** The machine whose events these are, for exemplars; undefined where any machine may post some. */
export function nodeOf({ input }: Config, environment: NodeJS.ProcessEnv): string | undefined {
  return input.http ? undefined : environment.NODE_NAME || hostname();
}
