import type { ServerResponse } from 'node:http';

/** On a response whose headers are yet to be set: what sets them, where there is a body. */
const HEADERS_LATER = Symbol('headers');

interface Bare extends ServerResponse {
  [HEADERS_LATER]?: (response: ServerResponse) => void;
}

/** Most posts are answered without a body, which headers for browsers are of no use to. */
export function headersLater(response: ServerResponse, set: (response: ServerResponse) => void): void {
  (response as Bare)[HEADERS_LATER] = set;
}

/** A short answer in words. Where a request is refused before its body has come, the connection ends with it. */
export function plain(response: ServerResponse, status: number, text: string): void {
  (response as Bare)[HEADERS_LATER]?.(response);
  if (status >= 400 && !response.req.complete) response.setHeader('Connection', 'close');
  const body = Buffer.from(`${text}\n`);
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', body.length);
  response.end(body);
}
