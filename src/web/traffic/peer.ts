/**
 * The peer that a connection belongs to when shares are given out: its address, or for IPv6 its /64. One machine is given
 * that many addresses, and could otherwise be as many peers as it likes.
 */
export function peerOf(address: string | undefined): string {
  // A connection that is over already, or a Unix socket.
  if (address === undefined) return '';
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const first = groups(head);
  const zeros = tail === undefined ? 0 : 8 - first.length - groups(tail).length;
  const all = [...first, ...new Array<string>(zeros).fill('0'), ...groups(tail ?? '')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Groups of 16 bits. An IPv4 address at the end is two of them, which are never looked at. */
function groups(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
