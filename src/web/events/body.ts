import type { RequestHandler } from 'express';
import { plain } from '../answer.ts';

/**
 * Reads a request's body into `request.body`, a Buffer. What is too large is refused as soon as that is known, and not
 * read to its end; a client that asks first (Expect: 100-continue) need not send it at all.
 * @param most bytes
 * @param refused told of each that is too large
 */
export function readBody(most: number, refused: () => void): RequestHandler {
  return (request, response, next) => {
    const refuse = () => {
      refused();
      plain(response, 413, `an event may have ${most} bytes`);
    };
    if (Number(request.headers['content-length'] ?? 0) > most) {
      refuse();
      return;
    }
    if (request.headers.expect) response.writeContinue();
    const pieces: Buffer[] = [];
    let size = 0;
    const take = (piece: Buffer) => {
      size += piece.length;
      if (size <= most) {
        pieces.push(piece);
        return;
      }
      request.off('data', take).off('end', done);
      refuse();
    };
    const done = () => {
      request.body = Buffer.concat(pieces);
      next();
    };
    request.on('data', take).on('end', done);
  };
}
