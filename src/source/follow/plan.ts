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
      return { recognised, at: recognised.at, position: recognised.position };
    case 'part': {
      const { position } = recognised;
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
      // It went on by itself.
      if (at && of.read && (await file.length()) > of.size) return { recognised, at };
      const { size, mtimeNs } = await file.stat();
      return {
        recognised,
        at,
        aside: {
          id: followed.id,
          size,
          mtimeNs,
          copyOf: of,
          parked: undefined,
          epoch: registry.epoch,
        },
      };
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
