/**
 * Signals, from the first moment on. The process that starts us may stop us before we have begun: a hang-up would kill, and as
 * the first process of a container we would never hear of a termination that nobody handles.
 */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
export type Signal = (typeof SIGNALS)[number];

/** Those that came before anyone handled them. */
const waiting: Signal[] = [];
let handler = (signal: Signal): void => {
  waiting.push(signal);
};
const listener = (signal: NodeJS.Signals) => handler(signal as Signal);
for (const signal of SIGNALS) process.on(signal, listener);

/** From now on all are given to this; those that came before, at once. */
export function handleSignals(handle: (signal: Signal) => void): void {
  handler = handle;
  for (const signal of waiting.splice(0)) handle(signal);
}

/** They do what they do to any process: for commands that have nothing to save. */
export function releaseSignals(): void {
  for (const signal of SIGNALS) process.off(signal, listener);
  for (const signal of waiting.splice(0)) process.kill(process.pid, signal);
}
