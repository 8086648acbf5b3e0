/**
 * The routes: who may ask for what, and how it is answered. Falco's own posts bypass express's router, which takes longer
 * for a request than counting it. They pass the same checks in the same order (`routes`).
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { History } from '../ledger/history/history.ts';
import { CONTENT_TYPES, type Format } from '../metrics/format.ts';
import type { Client } from '../metrics/scrapes.ts';
import type { Look } from '../noise/look.ts';
import { formatOf, wantsGzip } from './accept.ts';
import { headersLater, plain } from './answer.ts';
import type { Authentication } from './authentication/authentication.ts';
import { isFromHere } from './authentication/local-only.ts';
import { clientOf } from './client.ts';
import { type Ingest, isPlainJson, postedEvents, recentEvents, typed } from './events/handlers.ts';
import type { KeptEvents } from './events/kept.ts';
import { present } from './events/present.ts';
import type { Streams } from './events/streams.ts';
import { Gzip } from './gzip.ts';
import { ASSETS } from './page/assets.ts';
import { noisePage } from './page/noise-page.ts';
import { numbers, type PageEvents, type PageLinks, page } from './page/page.ts';
import { barsOf } from './page/sections/timeline.ts';
import { type View, viewOf, WINDOWS, wants } from './page/view.ts';
import type { Summary } from './summary.ts';
import { isoTime } from './time.ts';
import type { Traffic } from './traffic/traffic.ts';

export interface RoutesOptions {
  /** Before all paths: "" or one like "/falco". */
  prefix: string;
  authentication: Authentication;
  links: PageLinks;
  traffic: Traffic;
  /** Whether events are for everyone who can ask, though no users are configured. */
  allowRemoteEvents: boolean;
  /** Text of /metrics, in UTF-8; the same bytes for all who wait for it. */
  metrics(client: Client, format: Format): Promise<Buffer>;
  /** Why it isn't ready, in words; undefined when it is. */
  notReady(): string | undefined;
  summary(): Summary;
  history: History;
  /** Undefined where recent events are turned off. */
  recent: { events: KeptEvents; streams: Streams } | undefined;
  /** Undefined where recent events are turned off: this shows what they hold. */
  noise: (() => Promise<Look>) | undefined;
  /** Undefined: there is no POST /events. */
  ingest: Ingest | undefined;
  /** An answer failed as none should. */
  failed(error: unknown): void;
}

/** Events that the page holds before its script asks for more. */
const FIRST_EVENTS = 50;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...['script', 'style', 'img', 'connect'].map((kind) => `${kind}-src 'self'`),
  ...['base-uri', 'form-action', 'frame-ancestors'].map((kind) => `${kind} 'none'`),
].join('; ');

const OUR_HEADERS = Object.entries({
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'deny',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
});

export function routes(options: RoutesOptions): RequestListener {
  const { prefix, authentication, recent, ingest, links, traffic } = options;
  const { slot } = traffic;
  const gzip = new Gzip();
  const web = express();
  for (const setting of ['x-powered-by', 'etag', 'query parser']) web.disable(setting);
  for (const setting of ['case sensitive routing', 'strict routing']) web.enable(setting);
  const get = (path: string, ...handlers: RequestHandler[]) =>
    web.all(prefix + path, only(['GET', 'HEAD']), ...handlers);
  const seesEvents = (request: IncomingMessage) =>
    options.allowRemoteEvents || authentication.knows(request) || isFromHere(request);

  web.use((_request, response, next) => {
    addHeaders(response);
    next();
  });
  web.use(authentication.enter);
  if (prefix !== '')
    web.all(['/', prefix], slot, only(['GET', 'HEAD']), (request, response) => {
      const query = request.url.indexOf('?');
      response.setHeader('Location', `${prefix}/${query < 0 ? '' : request.url.slice(query)}`);
      plain(response, 302, `this is at ${prefix}/`);
    });
  get(links.telemetryPath, slot, async (request, response) => {
    const client = clientOf(request, authentication);
    if (!client) {
      plain(response, 400, 'there are two views: shown (for scrapers), counted');
      return;
    }
    const { accept, 'accept-encoding': encodings } = request.headers;
    const format = formatOf(accept);
    const zipped = wantsGzip(encodings);
    const make = async () => {
      const text = await options.metrics(client, format);
      return zipped ? gzip.of(text) : text;
    };
    const text = await (client.view === 'counted'
      ? traffic.shared(request, `counts ${format} ${zipped}`, make)
      : traffic.paced(request, make));
    response.setHeader('Content-Type', CONTENT_TYPES[format]);
    response.setHeader('Vary', 'Accept, Accept-Encoding');
    if (zipped) response.setHeader('Content-Encoding', 'gzip');
    traffic.send(request, response, text);
  });
  get('/healthz', slot, (_request, response) => plain(response, 200, 'ok'));
  get('/readyz', slot, (_request, response) => {
    const reason = options.notReady();
    plain(response, reason === undefined ? 200 : 503, reason ?? 'ready');
  });
  get('/', slot, async (request, response) => {
    const mayBeSeen = seesEvents(request);
    const text = await traffic.shared(request, `page ${mayBeSeen} ${request.url}`, () => {
      const view = viewOf(request.url);
      const now = { summary: options.summary(), history: options.history, view };
      return page(now, pageEvents(recent?.events, mayBeSeen, view), links);
    });
    traffic.send(request, response.type('html'), text);
  });
  get('/numbers', slot, async (request, response) => {
    const text = await traffic.shared(request, `numbers ${request.url}`, () =>
      numbers({ summary: options.summary(), history: options.history, view: viewOf(request.url) }),
    );
    traffic.send(request, response.type('html'), text);
  });
  for (const { path, type, body } of ASSETS)
    get(path, slot, (_request, response) => {
      response.setHeader('Content-Type', type);
      response.send(body);
    });
  get('/api/summary', slot, async (request, response) => {
    const text = await traffic.shared(request, 'summary', () => JSON.stringify(options.summary()));
    traffic.send(request, response.type('json'), text);
  });
  get('/api/timeline', slot, async (request, response) => {
    const text = await traffic.shared(request, `timeline ${request.url}`, () => {
      const view = viewOf(request.url);
      const bars = barsOf(options.history, view, Date.parse(options.summary().time));
      return JSON.stringify({
        window: view.window,
        by: WINDOWS[view.window].unit,
        bars: bars.map(({ from, to, counts }) => ({
          from: isoTime(from),
          to: isoTime(to),
          counts: Object.fromEntries(counts),
        })),
      });
    });
    traffic.send(request, response.type('json'), text);
  });
  const known = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (seesEvents(request)) next();
    else plain(response, 403, ONLY_HERE);
  };
  if (recent) get('/api/events', known, ...recentEvents(recent.events, recent.streams, traffic));
  const { noise } = options;
  if (noise) {
    get('/noise', known, slot, async (request, response) => {
      const text = Buffer.from(noisePage(await noise()));
      traffic.send(request, response.type('html'), text);
    });
    get('/api/noise', known, slot, async (request, response) => {
      const look = await noise();
      if (look === undefined) response.setHeader('Retry-After', '2');
      if (look === undefined || typeof look === 'string')
        plain(response, 503, look ?? 'the events are being read');
      else traffic.send(request, response.type('json'), Buffer.from(JSON.stringify(look)));
    });
  }
  const post = ingest && postedEvents(ingest, traffic);
  const eventsPath = `${prefix}/events`;
  if (ingest && post) web.all(eventsPath, only(['POST']), known, slot, typed(ingest), post);
  web.use((_request, response) => plain(response, 404, 'not found'));
  web.use(faults(options.failed));
  if (!post) return web;
  const headers = (response: ServerResponse) => {
    addHeaders(response);
    authentication.addHeaders(response);
  };
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== eventsPath || !isPlainJson(request)) {
      web(request, response);
      return;
    }
    headersLater(response, headers);
    authentication.enter(request, response, (error) => {
      if (error === undefined)
        known(request, response, () => slot(request, response, () => post(request, response)));
      else {
        options.failed(error);
        plain(response, 500, FAILED);
      }
    });
  };
}

const FAILED = 'this failed; the log says why';
const ONLY_HERE =
  'events are for this machine only, unless users are configured (--web.config.file) or --web.allow-remote-events is given';

function addHeaders(response: ServerResponse): void {
  for (const [name, value] of OUR_HEADERS) response.setHeader(name, value);
}

/** Refuses other methods. */
function only(methods: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (methods.includes(request.method)) {
      next();
      return;
    }
    response.setHeader('Allow', methods.join(', '));
    plain(response, 405, 'method not allowed');
  };
}

function pageEvents(recent: KeptEvents | undefined, mayBeSeen: boolean, view: View): PageEvents {
  if (!recent) return 'disabled';
  if (!mayBeSeen) return 'remote';
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = view;
  return recent
    .list()
    .filter(({ labels: [rule, service, priority], time }) => {
      const labels = { rule: rule!, service: service!, priority: priority! };
      return wants(view, labels) && !(time < from || time > to);
    })
    .slice(-FIRST_EVENTS)
    .map(present);
}

function faults(failed: (error: unknown) => void): ErrorRequestHandler {
  return (error, _request, response, _next) => {
    const status: unknown = (error as { status?: unknown } | undefined)?.status;
    if (response.headersSent) {
      failed(error);
      response.destroy();
    } else if (typeof status === 'number' && status >= 400 && status < 500) {
      plain(response, status, 'this request is wrong');
    } else {
      failed(error);
      plain(response, 500, FAILED);
    }
  };
}
