/** Numbers as people read them. */
const GROUPED = new Intl.NumberFormat('en');

/** With a narrow space between thousands. */
export function number(value: number): string {
  return GROUPED.format(value).replaceAll(',', '\u202f');
}

/** "1 gap", "2 gaps". */
export function several(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}

export function bytes(count: number): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (count >= size) return `${(count / size).toFixed(1)} ${unit}`;
  return several(count, 'byte');
}
