/** The same loop on tail-file, as published. */
import Tail from 'tail-file';
import { count } from './count.js';

const tail = new Tail(process.argv[2], { startPos: 0 });
tail.on('line', count);
tail.on('error', (error) => {
  throw error;
});
tail.start();
