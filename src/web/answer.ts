import type { ServerResponse } from 'node:http';

/** A short answer in words. Where a request is refused before its body has come, the connection ends with it. */
export function plain(response: ServerResponse, status: number, text: string): void {
  if (status >= 400 && !response.req.complete) response.setHeader('Connection', 'close');
  const body = Buffer.from(`${text}\n`);
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', body.length);
  response.end(body);
}
