/** The bare server: node:http, JSON.parse, Map. The least that any program takes that hands each post to Node's own parts. */
import { createServer } from 'node:http';

const counts = new Map();
const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    if (request.method !== 'POST') {
      response.end();
      return;
    }
    const { rule, priority } = JSON.parse(Buffer.concat(pieces).toString());
    const key = `${rule} ${priority}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    response.writeHead(204).end();
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
