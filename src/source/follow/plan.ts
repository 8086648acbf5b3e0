import type { Position } from '../rotated/position.ts';
import { type At, afterCut, afterLastLine, type Recognised, recognise } from '../rotated/recognise.ts';
import type { Aside, Followed } from './followed.ts';
import type { FilesOptions } from './reading.ts';
import type { Registry } from './registry.ts';

/** What is to be done with a file whose content was recognised. */
export interface Plan {
  recognised: Recognised;
  /** Where it goes on; undefined: at its beginning. */
  at: At | undefined;
  /** The position that is found with it. */
  position?: Position | undefined;
  /** The followed file whose place it takes. */
  instead?: Followed | undefined;
  /** A copy of a followed file is not followed. */
  aside?: Aside;
}

/**
 * What is to be done with a file that a live path names, by its content.
 * @param head its first bytes, enough to tell it
 */
export async function planFor(
  followed: Followed,
  head: Buffer,
  registry: Registry,
  start: FilesOptions['start'],
): Promise<Plan> {
  const { file, live } = followed;
  const recognised = await recognise(registry, file, head);
  switch (recognised.is) {
    case 'waited for':
      if (isLeftTo(recognised.position, followed, registry))
        return leaveAside(followed, recognised, registry);
      return { recognised, at: recognised.at, position: recognised.position };
    case 'part': {
      const { position } = recognised;
      if (isLeftTo(position, followed, registry)) return leaveAside(followed, recognised, registry);
      const at = await afterCut(file, position.lines, 1);
      // Where it was cut short, the position waits on for a copy, or is reported as a gap.
      if (at) return { recognised, at, position: at.short ? undefined : position };
      return { recognised, at: await afterLastLine(file) };
    }
    case 'finished':
      return { recognised, at: recognised.at ?? (await afterLastLine(file)) };
    case 'copy': {
      const { of, at } = recognised;
      const isGone = of.names.size === 0 && (of.live === live || (await of.file.stat()).nlink === 0n);
      if (at && isGone) return { recognised, at, instead: of };
      if (isGone && of.live === live) {
        const cut = await afterCut(file, of.cursor.content().lines, 1);
        return { recognised, at: cut ?? (await afterLastLine(file)) };
      }
      if (!at || (await file.length()) <= of.size) return leaveAside(followed, recognised, registry, of);
      // It went on by itself, if the other holds no more.
      if (of.read && (await of.file.length()) <= of.size) return { recognised, at };
      return leaveAside(followed, recognised, registry);
    }
    default: {
      for (const position of registry.waitingAt({ path: live.path, target: followed.target })) {
        const at = await afterCut(file, position.lines);
        if (at) return { recognised, at, position: at.short ? undefined : position };
      }
      const replaced = followed.held?.before;
      const cut = replaced && (await afterCut(file, replaced.cursor.content().lines));
      if (cut) return { recognised: { is: 'copy', of: replaced, at: cut }, at: cut };
      const atEnd = !live.known && start === 'end';
      return { recognised, at: atEnd ? await afterLastLine(file) : undefined };
    }
  }
}

/** Whether a position's own file is there, too, and not yet looked into: this one is a copy, most likely. */
function isLeftTo({ device, inode }: Position, followed: Followed, registry: Registry): boolean {
  const own = registry.followed.get(`${device}:${inode}`);
  return own !== undefined && own !== followed && !own.looked;
}

/** @param copyOf while that is followed it is opened again only when it has changed, else at the next look */
async function leaveAside(
  { file, id }: Followed,
  recognised: Recognised,
  { epoch }: Registry,
  copyOf?: Followed,
): Promise<Plan> {
  const { size, mtimeNs } = await file.stat();
  return { recognised, at: undefined, aside: { id, size, mtimeNs, copyOf, parked: undefined, epoch } };
}
