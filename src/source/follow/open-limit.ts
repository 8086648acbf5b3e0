import { LiveFile } from '../read/live.ts';
import type { Reading } from './reading.ts';
import type { Registry } from './registry.ts';

/**
 * Closes the file that was opened first among those that are read to their end; it is opened again when it grows. One
 * that was rotated goes before, however long its path names no other file: its writer has had the grace time.
 * @returns whether there was one
 */
export async function closeQuiet(registry: Registry, reading: Reading): Promise<boolean> {
  for (const followed of registry.followed.values())
    if (followed.names.size === 0 && followed.live.matched && followed.begun && followed.lag === 0)
      if (await reading.letGoOf(followed)) return true;
  for (const followed of registry.followed.values()) {
    if (!(followed.file instanceof LiveFile) || followed.names.size === 0) continue;
    if (!followed.begun || !followed.read || followed.lag > 0) continue;
    const { size, mtimeNs } = await followed.file.stat();
    if (Number(size) !== followed.cursor.offset) continue;
    const parked = followed.position(registry.time);
    registry.wait(parked);
    for (const each of followed.names)
      each.aside = { id: followed.id, size, mtimeNs, copyOf: undefined, parked, epoch: 0 };
    registry.drop(followed);
    await followed.file.close();
    return true;
  }
  return false;
}
