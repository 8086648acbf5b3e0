/** The thread of thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadCatalogue } from './catalogue.ts';

parentPort?.postMessage(await loadCatalogue(workerData.paths, workerData.options));
