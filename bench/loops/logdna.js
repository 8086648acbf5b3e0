/** The same loop on @logdna/tail-file. */
import { createInterface } from 'node:readline';
import TailFile from '@logdna/tail-file';
import { count } from './count.js';

const tail = new TailFile(process.argv[2], { startPos: 0 });
await tail.start();
createInterface({ input: tail }).on('line', count);
