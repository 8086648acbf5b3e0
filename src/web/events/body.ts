import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { plain } from '../answer.ts';

/** Of a body that is longer, its bytes count towards what all such bodies may hold together. */
const LARGE = 64 * 1024;
const MOST_LARGE = 8 * 1024 * 1024;

export interface BodyOptions {
  /** Bytes. */
  most: number;
  /** A body is too large. */
  refused(): void;
  /** There is no room for a large body now. */
  busy(request: IncomingMessage): void;
  /** It is whole. */
  read(body: Buffer, response: ServerResponse): void;
}

/**
 * Reads a request's body. What is too large is refused as soon as that is known, and not
 * read to its end; a client that asks first (Expect: 100-continue) need not send it at all.
 */
export function readBody({ most, refused, busy, read }: BodyOptions): RequestListener {
  /** Of all large bodies that are being read. */
  let held = 0;
  return (request, response) => {
    const tooLarge = () => {
      refused();
      plain(response, 413, `an event may have ${most} bytes`);
    };
    const noRoom = () => {
      busy(request);
      response.setHeader('Retry-After', '1');
      plain(response, 503, 'too many large events are being sent');
    };
    if (Number(request.headers['content-length'] ?? 0) > most) {
      tooLarge();
      return;
    }
    if (request.headers.expect) response.writeContinue();
    const pieces: Buffer[] = [];
    let size = 0;
    let counted = 0;
    /** Most are small, and are not looked after. */
    const count = () => {
      if (counted === 0) response.once('close', () => (held -= counted));
      held += size - counted;
      counted = size;
    };
    const take = (piece: Buffer) => {
      size += piece.length;
      if (size > LARGE) count();
      if (size <= most && (size <= LARGE || held <= MOST_LARGE)) {
        pieces.push(piece);
        return;
      }
      request.off('data', take).off('end', done);
      if (size > most) tooLarge();
      else noRoom();
    };
    const done = () => read(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), response);
    request.on('data', take).on('end', done);
  };
}
