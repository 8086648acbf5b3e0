/** What a trace of Chromium tells of a page: how long its main thread was busy at a time, and how long inputs waited. */

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds; `tdur` by the processor's clock of that thread. */
  dur?: number;
  tdur?: number;
  args?: { name?: string; data?: { timeStamp?: number; processingStart?: number; type?: string } };
}

export interface Traced {
  /** Milliseconds; of the page's main thread, by the processor's clock. */
  longestTask: number;
  /** Milliseconds from an input to the page hearing of it, at most. */
  inputDelay: number;
  inputs: number;
}

export function readTrace({ traceEvents }: { traceEvents: TraceEvent[] }): Traced {
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && main.has(`${pid} ${tid}`),
  );
  const timings = traceEvents
    .filter(({ name, ph }) => name === 'EventTiming' && ph === 'b')
    .flatMap(({ args }) => (args?.data?.timeStamp && args.data.processingStart ? [args.data] : []));
  return {
    longestTask: Math.max(0, ...tasks.map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000)),
    inputDelay: Math.max(
      0,
      ...timings.map(({ timeStamp, processingStart }) => processingStart! - timeStamp!),
    ),
    inputs: timings.length,
  };
}
