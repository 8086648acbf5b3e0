import type { RequestHandler } from 'express';
import { plain } from './answer.ts';

/** An answer must have been taken in so long; milliseconds. */
const DEADLINE = 60_000;

/** Requests that are answered at the same time: up to `most`; more are told to come again. */
export function slots(most: number): RequestHandler {
  let taken = 0;
  return (request, response, next) => {
    if (taken >= most) {
      response.setHeader('Retry-After', '1');
      plain(response, 503, `${most} such requests are being answered: see --web.max-requests`);
      return;
    }
    taken++;
    const deadline = setTimeout(() => request.socket.destroy(), DEADLINE).unref();
    // Given back when the answer has been taken, or given up: a slow reader keeps its slot till then.
    response.once('close', () => {
      clearTimeout(deadline);
      taken--;
    });
    next();
  };
}
