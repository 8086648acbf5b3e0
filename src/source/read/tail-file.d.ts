/** The parts of tail-file 1.4.16 that `live.ts` uses; the package has no types of its own. */
declare module 'tail-file' {
  import type { EventEmitter } from 'node:events';

  export default class Tail extends EventEmitter {
    constructor(filename: string, options?: object);
    filename: string;
    /** Path of the file that is read now; null when stopped. */
    started: string | null;
    /** Position of the next read, in bytes. */
    pos: number | 'init';
    fd: number | 'init' | null | undefined;
    buf: Buffer | null;
    _bufsize: number;
    reading: boolean;
    watcher: { close(): void } | null | undefined;
    onEndOfFile: () => void;
    onLine: (error: Error | null, line?: string) => void;
    start(filename?: string): void;
    stop(): Promise<boolean>;
    /** Stops without waiting, and closes the file. */
    _stop(): void;
    tryTail(filename: string): void;
    startTail(filename: string): void;
    createReader(): void;
    onCreateReader(fd: number): void;
    onError(error: Error): void;
    checkDir(type: string, name: string): void;
    readStuff(): void;
    decode(chunk: Buffer | null): void;
    onEndOfFileForTail(): void;
    setBytePos(position: number): void;
  }
}
