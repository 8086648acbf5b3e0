/** One request to the engine: on a connection of its own, with limits on time and size. Never retried here. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { systemCode, systemReason } from '../../errors.ts';
import { safeText } from '../../safe.ts';

/** Most of an error's text that is kept, in characters. */
const LONGEST_REASON = 300;

/**
 * Why there is no answer, or not the one that was wanted.
 * `away`: nobody took the request. `unclear`: it may have been taken, and done. `refused`: the engine, or the proxy before
 * it, said no; `status` says how.
 */
export class EngineError extends Error {
  readonly kind: 'away' | 'unclear' | 'refused';
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(kind: EngineError['kind'], message: string, status = 0) {
    super(message);
    this.name = 'EngineError';
    this.kind = kind;
    this.status = status;
  }

  /** Whether the same may go well a little later. */
  get passes(): boolean {
    return this.kind !== 'refused' || this.status >= 500 || this.status === 429;
  }
}

export interface Ask {
  method: 'GET' | 'POST';
  /** Made of ids and fixed words alone. */
  path: string;
  body?: object;
  /** Until the last byte, in milliseconds. */
  timeout: number;
  /** Of the answer. */
  mostBytes: number;
  /** What is longer is cut, where this is true; else it is an error. */
  cut?: boolean;
  signal?: AbortSignal;
}

export interface Answer {
  body: Buffer;
  /** Whether there was more than was asked for. */
  cut: boolean;
}

/** @throws EngineError */
export async function ask(socket: string, wanted: Ask): Promise<Answer> {
  const chunks: Buffer[] = [];
  const cut = await streamed(socket, wanted, (chunk) => {
    chunks.push(chunk);
    return undefined;
  });
  return { body: Buffer.concat(chunks), cut };
}

/**
 * The same, piece by piece.
 * @param take given each piece; what it returns is waited for
 * @returns whether it was cut
 * @throws EngineError; what `take` throws
 */
export async function streamed(
  socket: string,
  wanted: Ask,
  take: (chunk: Buffer) => Promise<void> | undefined,
): Promise<boolean> {
  const { method, path, body, timeout, mostBytes, cut = false, signal } = wanted;
  const text = body === undefined ? undefined : JSON.stringify(body);
  let asked: ClientRequest | undefined;
  let sent = false;
  const late = setTimeout(
    () => asked?.destroy(new EngineError('unclear', `no answer in ${timeout} ms`)),
    timeout,
  );
  const stop = () => asked?.destroy(new EngineError('unclear', 'it was stopped'));
  signal?.addEventListener('abort', stop);
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      asked = request({
        socketPath: socket,
        method,
        path,
        agent: false,
        headers: {
          Host: 'docker',
          ...(text !== undefined && {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(text),
          }),
        },
      });
      asked.on('socket', (connection) => connection.once('connect', () => (sent = true)));
      asked.on('response', resolve);
      asked.on('error', reject);
      asked.end(text);
    });
    const status = answer.statusCode ?? 0;
    // 304: it was in that state already.
    if ((status < 200 || status > 299) && status !== 304) throw await refusal(answer, status);
    let length = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const room = mostBytes - length;
      length += chunk.length;
      if (length > mostBytes && !cut)
        throw new EngineError('refused', `an answer of over ${mostBytes} bytes`);
      await take(chunk.length > room ? chunk.subarray(0, room) : chunk);
      if (length > mostBytes) {
        asked?.destroy();
        return true;
      }
    }
    return false;
  } catch (error) {
    throw asEngineError(error, sent);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', stop);
    asked?.destroy();
  }
}

/** The engine says why as `{"message": …}`; the proxy in plain words. */
async function refusal(answer: IncomingMessage, status: number): Promise<EngineError> {
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > 8192) break;
  }
  let reason: unknown = text;
  try {
    reason = (JSON.parse(text) as { message?: unknown }).message ?? text;
  } catch {
    // Plain words.
  }
  const words = safeText(String(reason).trim()).slice(0, LONGEST_REASON);
  const why = words === '' ? '' : `: ${words}`;
  return new EngineError('refused', `the engine, or its proxy, answered ${status}${why}`, status);
}

function asEngineError(error: unknown, sent: boolean): Error {
  if (error instanceof EngineError) return error;
  const code = systemCode(error);
  // What is no error of the connection is the taker's own: a disk that is full.
  if (code === undefined || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO') return error as Error;
  return new EngineError(sent ? 'unclear' : 'away', systemReason(error));
}
