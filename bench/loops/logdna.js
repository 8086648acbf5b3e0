/** The same loop on @logdna/tail-file. */
import TailFile from '@logdna/tail-file';
import { count } from './count.js';

const tail = new TailFile(process.argv[2], { startPos: 0, encoding: 'utf8' });
let rest = '';
tail.on('data', (text) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop();
  lines.forEach(count);
});
await tail.start();
