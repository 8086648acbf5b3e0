import type { Response } from 'express';

/** A short answer in words. Where a request is refused before its body has come, the connection ends with it. */
export function plain(response: Response, status: number, text: string): void {
  if (status >= 400 && !response.req.complete) response.setHeader('Connection', 'close');
  response.status(status).type('text/plain').send(`${text}\n`);
}
