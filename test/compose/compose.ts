/** docker-compose.yml as a test reads it: anchors and merge keys resolved, variables at their defaults. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Service {
  container_name?: string;
  image?: string;
  build?: string;
  profiles?: string[];
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  pid?: string;
  pids_limit?: number;
  mem_limit?: string;
  cpus?: number;
  ports?: string[];
  networks?: string[];
  network_mode?: string;
  volumes?: string[];
  tmpfs?: string[];
  secrets?: (string | { source: string; target: string })[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  logging?: { driver: string; options: Record<string, string> };
}

export interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

/** @param path from the repository's root */
export function readCompose(path: string): Compose {
  const text = readFileSync(`${ROOT}${path}`, 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
  return parse(text, { merge: true }) as Compose;
}

/** `source:target:mode` as parts. */
export function mounts(service: Service): { source: string; target: string; readOnly: boolean }[] {
  return (service.volumes ?? []).map((text) => {
    const [source, target, mode] = text.split(':');
    return { source: source!, target: target!, readOnly: mode === 'ro' };
  });
}
