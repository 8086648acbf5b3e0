/** The HTTP server: who may ask what, and in which words it is answered. */
import { createServer, type Server } from 'node:http';
import express, { type Express, type Response } from 'express';
import type { Address } from '../config/address.ts';
import { ExporterError, systemCode } from '../errors.ts';
import { CONTENT_TYPE } from '../metrics/exposition.ts';
import { page } from './page.ts';
import type { Summary } from './summary.ts';

export interface WebOptions {
  telemetryPath: string;
  /** Text of /metrics. @param prometheus whether a Prometheus server asks */
  metrics(prometheus: boolean): Promise<string>;
  /** Why it isn't ready, in words; undefined when it is. */
  notReady(): string | undefined;
  summary(): Summary;
}

/** Prometheus servers, and agents that speak like them, send this with each scrape. */
const SCRAPE_HEADER = 'x-prometheus-scrape-timeout-seconds';

export function createWeb(options: WebOptions): Express {
  const web = express();
  web.disable('x-powered-by');
  web.disable('etag');
  web.set('query parser', false);

  web.get(options.telemetryPath, async (request, response) => {
    const text = await options.metrics(request.headers[SCRAPE_HEADER] !== undefined);
    response.setHeader('Content-Type', CONTENT_TYPE);
    response.send(text);
  });
  web.get('/healthz', (_request, response) => plain(response, 200, 'ok'));
  web.get('/readyz', (_request, response) => {
    const reason = options.notReady();
    plain(response, reason === undefined ? 200 : 503, reason ?? 'ready');
  });
  web.get('/api/summary', (_request, response) => {
    response.json(options.summary());
  });
  web.get('/', (_request, response) => {
    response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    response.type('html').send(page(options.summary(), options.telemetryPath));
  });
  const known = new Set([options.telemetryPath, '/healthz', '/readyz', '/api/summary', '/']);
  web.use((request, response) => {
    if (!known.has(request.path)) return plain(response, 404, 'not found');
    response.setHeader('Allow', 'GET, HEAD');
    plain(response, 405, 'method not allowed');
  });
  return web;
}

function plain(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}

/** @throws WEB_ADDRESS_IN_USE or WEB_ADDRESS */
export async function listen(web: Express, address: Address): Promise<Server> {
  const server = createServer(web);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(addressFault(address, error)));
    server.listen({ port: address.port, ...(address.host !== undefined && { host: address.host }) }, resolve);
  });
  return server;
}

function addressFault({ host, port }: Address, error: Error): ExporterError {
  const where = `${host ?? ''}:${port}`;
  if (systemCode(error) === 'EADDRINUSE')
    return new ExporterError('WEB_ADDRESS_IN_USE', `${where} is in use by another process`, {
      advice: 'Stop that one, or choose another with --web.listen-address.',
      cause: error,
    });
  return new ExporterError('WEB_ADDRESS', `can't listen on ${where}: ${error.message}`, {
    advice: 'Check --web.listen-address.',
    cause: error,
  });
}

/** Finishes open requests and closes; those that are not done in the time given are cut off. Milliseconds. */
export async function shut(server: Server, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearTimeout(cut);
}
