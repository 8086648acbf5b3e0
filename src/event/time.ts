const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;

/** An RFC 3339 time in milliseconds since the epoch, nanoseconds as fractions (to about 0.2 µs); NaN if it is none. */
export function parseTime(text: string): number {
  const found = RFC3339.exec(text);
  if (!found) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = '0', sign, offsetHours, offsetMinutes] = found;
  const seconds = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const offset = sign
    ? (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -60_000 : 60_000)
    : 0;
  return seconds - offset + Number(`0.${fraction}`) * 1000;
}
