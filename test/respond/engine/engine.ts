/** A real Docker engine, for tests that are run by hand: RESPOND_ENGINE is its socket, RESPOND_IMAGE an image with `sh`. */
import { spawnSync } from 'node:child_process';

export const SOCKET = process.env.RESPOND_ENGINE;
/** The program of wollomatic/socket-proxy. */
export const PROXY = process.env.RESPOND_PROXY;
const IMAGE = process.env.RESPOND_IMAGE ?? 'busybox:1.37.0';

export function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', ['--host', `unix://${SOCKET}`, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Starts a container that runs until it is ended. @returns its id */
export function runContainer(name: string, ...more: string[]): string {
  const script = 'echo hello; echo oops >&2; echo x > /tmp/dropped; while :; do sleep 1; done';
  return docker('run', '--detach', '--name', name, ...more, IMAGE, 'sh', '-c', script);
}

export function state(id: string): { Running: boolean; Paused: boolean; StartedAt: string } {
  return JSON.parse(docker('inspect', '--format', '{{json .State}}', id));
}

export function networks(id: string): string[] {
  return Object.keys(
    JSON.parse(docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', id)) ?? {},
  );
}

/** What the engine itself says was done, since a moment: `pause`, `unpause`, `restart`, … with names. */
export function happened(since: number): { action: string; name: string; at: number }[] {
  const text = docker(
    ...['events', '--since', String(since / 1000), '--until', String(Date.now() / 1000 + 1)],
    ...['--filter', 'type=container', '--format', '{{json .}}'],
  );
  return text
    .split('\n')
    .filter(Boolean)
    .map(
      (line) =>
        JSON.parse(line) as { Action: string; timeNano: number; Actor: { Attributes: { name: string } } },
    )
    .map(({ Action, timeNano, Actor }) => ({
      action: Action,
      name: Actor.Attributes.name,
      at: timeNano / 1e6,
    }));
}

export function removeAll(...names: string[]): void {
  spawnSync('docker', ['--host', `unix://${SOCKET}`, 'rm', '--force', ...names]);
}
