const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WHOLE = /^(?:\d+(?:ms|[smhd]))+$/;

/** A duration as Prometheus writes it, in milliseconds; undefined if it is none. "0" is one, too. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!WHOLE.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhd])/g)) sum += Number(amount) * UNITS[unit!]!;
  // setTimeout's bound, about 24 days; more makes no sense for any of our durations.
  return sum <= 2 ** 31 - 1 ? sum : undefined;
}
