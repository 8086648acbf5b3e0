const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const WHOLE = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/**
 * A duration as Go's time.ParseDuration reads it ("1.5s", "100us", "1h2m", "-1s"), in milliseconds; undefined if it is
 * none. Unlike Prometheus's, it has no days.
 */
export function parseGoDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0;
  const [, sign, parts] = WHOLE.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let sum = 0;
  for (const [, amount, unit] of parts.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g))
    sum += Number(amount) * UNITS[unit!]!;
  // Go counts nanoseconds in 63 bits: 292 years.
  if (sum > 2 ** 63 / 1e6) return undefined;
  return sign === '-' ? -sum : sum;
}
