/**
 * Loads rules in a thread of its own: a file of half a megabyte takes seconds, for which nothing else would be answered
 * and no event counted. For a reload; at a start nobody waits yet, and a thread costs more than the usual files.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type CatalogueOptions, type LoadedCatalogue, loadCatalogue } from './catalogue.ts';

/** Beside this file in dist/, bundled with what it needs. The source has none: a thread would not read TypeScript. */
const THREAD = import.meta.url.endsWith('.ts')
  ? undefined
  : new URL('./catalogue-thread.js', import.meta.url);

/** Collected early: half a megabyte of rules then takes 35 MiB for a moment, not 70, of the 192 that a container may have. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

/** As loadCatalogue. Throws where the thread ends without an answer, for want of memory. */
export async function loadInThread(
  paths: readonly string[],
  options: CatalogueOptions = {},
): Promise<LoadedCatalogue> {
  if (!THREAD) return loadCatalogue(paths, options);
  const worker = new Worker(THREAD, { workerData: { paths, options }, resourceLimits: LIMITS });
  // the process may end meanwhile
  worker.unref();
  try {
    const [loaded] = (await Promise.race([
      once(worker, 'message'),
      once(worker, 'exit').then(() => Promise.reject(new Error('the thread that reads rules ended'))),
    ])) as [LoadedCatalogue];
    return loaded;
  } finally {
    void worker.terminate();
  }
}
