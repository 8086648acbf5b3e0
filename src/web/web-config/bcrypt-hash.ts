/** Go accepts any letter after the 2, and gives it no meaning. */
const BCRYPT = /^\$2[^$]?\$(0[4-9]|[12]\d|3[01])\$([./A-Za-z0-9]{53})$/;

/** The hash as bcryptjs knows it ($2b$), costs 4 to 31; undefined if no password could fit it. */
export function bcryptHash(text: string): string | undefined {
  const [, cost, rest] = BCRYPT.exec(text) ?? [];
  return cost === undefined ? undefined : `$2b$${cost}$${rest}`;
}

/** The cost of such a hash: it takes 2 to that power rounds. */
export function bcryptCost(hash: string): number {
  return Number(hash.slice(4, 6));
}
