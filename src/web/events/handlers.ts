/** What /api/events and POST /events answer. */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { RequestHandler } from 'express';
import { plain } from '../answer.ts';
import { peerOf } from '../traffic/peer.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { readBody } from './body.ts';
import { eventFilter, filtered } from './filter.ts';
import type { KeptEvents } from './kept.ts';
import { eventJson } from './present.ts';
import type { Streams } from './streams.ts';

/** Takes what Falco's http_output posts. */
export interface Ingest {
  /** When it returns, the body is counted: as an event, or as malformed where it is not one. */
  ingest(body: Buffer): 'counted' | 'malformed';
  /** Counts what is refused unread, so that no refusal is silent: Falco itself ignores the answer. */
  refuse(refusal: { kind: 'text' | 'type' | 'large' }): void;
}

/** Largest event that is taken; bytes. */
const MOST_BODY = 1024 * 1024;

/** A browser's EventSource asks so. */
const wantsStream = (accept: string | undefined) => accept?.includes('text/event-stream') === true;

/**
 * The recent events: as a stream to a client that asks for one, else as JSON: those that the query asks for, the newest first,
 * and how many are kept and are no longer.
 */
export function recentEvents(recent: KeptEvents, streams: Streams, traffic: Traffic): RequestHandler[] {
  return [
    (request, response, next) => {
      if (request.method !== 'GET' || !wantsStream(request.headers.accept)) {
        traffic.slot(request, response, next);
        return;
      }
      if (request.url.includes('?')) {
        plain(response, 400, 'a live stream takes no parameters');
        return;
      }
      const peer = peerOf(request.socket.remoteAddress);
      if (streams.open(response, request.get('last-event-id'), peer)) return;
      traffic.refused(request, 'busy');
      response.setHeader('Retry-After', '10');
      plain(response, 503, 'too many live streams');
    },
    async (request, response) => {
      const filter = eventFilter(request.url, Date.now());
      if (typeof filter === 'string') {
        plain(response, 400, filter);
        return;
      }
      const text = await traffic.shared(request, request.url, () => {
        const kept = recent.list();
        const found = filtered(kept, filter).map(eventJson).join(',\n');
        const head = `"kept":${kept.length},"no_longer_kept":${recent.next - kept.length}`;
        return `{${head},"events":[\n${found}\n]}\n`;
      });
      traffic.send(request, response.type('json'), text);
    },
  ];
}

/** Types of one event or a list of them, and of events on lines of their own. */
const TYPES = ['application/json', 'application/x-ndjson', 'application/ndjson'];

/** Whether it says no more than that it is JSON, as Falco does; all else is for `typed` to tell. */
export function isPlainJson({ headers }: IncomingMessage): boolean {
  return headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined;
}

/** Refuses a type that is no event's. */
export function typed(ingest: Ingest): RequestHandler {
  return (request, response, next) => {
    if (request.headers['content-encoding'] === undefined && request.is(TYPES)) {
      next();
      return;
    }
    // Without json_output Falco posts its text format so.
    ingest.refuse({ kind: request.is('text/plain') ? 'text' : 'type' });
    plain(response, 415, 'events are application/json or application/x-ndjson, and not compressed');
  };
}

/** Reads what was posted, one event or several, and counts it. */
export function postedEvents(ingest: Ingest, traffic: Traffic): RequestListener {
  return readBody({
    most: MOST_BODY,
    refused: () => ingest.refuse({ kind: 'large' }),
    busy: (request) => traffic.refused(request, 'busy'),
    read: (body, response) => {
      if (ingest.ingest(body) === 'malformed') plain(response, 400, 'not an event');
      // With http_output.echo Falco prints an answer's body between its own lines.
      else {
        response.statusCode = 204;
        response.end();
      }
    },
  });
}
