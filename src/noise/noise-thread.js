/** The thread of look.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { lookAtFiles } from './look-at-files.ts';

// An error of ours would lose its words on the way.
parentPort?.postMessage(await lookAtFiles(workerData).catch((error) => error.describe?.() ?? String(error)));
