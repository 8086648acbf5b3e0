/** Sockets that systemd opened before it started this process: sd_listen_fds(3). */
import { ExporterError } from '../errors.ts';

/** Where systemd's sockets begin, among a process's files. */
const FIRST = 3;

/** @throws WEB_ADDRESS where none was passed to this process */
export function inheritedSockets(
  { LISTEN_FDS, LISTEN_PID }: NodeJS.ProcessEnv,
  pid = process.pid,
): { fd: number }[] {
  const count = /^\d{1,4}$/.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0;
  // The environment of a parent that was meant itself says nothing of this one.
  if (count === 0 || Number(LISTEN_PID) !== pid)
    throw new ExporterError('WEB_ADDRESS', '--web.systemd-socket: systemd passed no socket to this process', {
      advice:
        'Start it by a socket unit (systemctl enable --now falco-event-exporter.socket), or leave the flag out.',
    });
  return Array.from({ length: count }, (_, n) => ({ fd: FIRST + n }));
}
