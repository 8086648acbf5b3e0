/** Follows a file by one library, and prints each line that it gives as JSON. Arguments: library, path. */
import { createRequire } from 'node:module';

const [library, path] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

switch (library) {
  case 'tail-file': {
    const Tail = require('tail-file');
    const tail = new Tail(path, { startPos: 0 });
    tail.on('line', say);
    tail.on('error', () => {});
    tail.start();
    break;
  }
  case '@logdna/tail-file': {
    const TailFile = require('@logdna/tail-file');
    const tail = new TailFile(path, { startPos: 0, encoding: 'utf8' });
    let rest = '';
    tail.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      lines.forEach(say);
    });
    tail.on('tail_error', () => {});
    await tail.start();
    break;
  }
  case 'tail': {
    const { Tail } = require('tail');
    const tail = new Tail(path, { fromBeginning: true, follow: true });
    tail.on('line', say);
    tail.on('error', () => {});
    break;
  }
}
