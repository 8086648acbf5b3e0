/**
 * Lets a test run steps of its own in the middle of a look: before each call that the source makes to the file system.
 * Import it before anything of src/source.
 */
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';

let step: (() => void) | undefined;

/** Has `before` called before each call to the file system while `action` runs. */
export async function interleaved<T>(before: () => void, action: () => Promise<T>): Promise<T> {
  step = before;
  try {
    return await action();
  } finally {
    step = undefined;
  }
}

/** Runs something that makes calls of its own, unobserved. */
export function unobserved<T>(action: () => T): T {
  const saved = step;
  step = undefined;
  try {
    return action();
  } finally {
    step = saved;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: functions of any shape are wrapped as they are
type AnyFunction = (...values: any[]) => unknown;

function wrap(holder: object, name: string): void {
  const holderOf = holder as Record<string, AnyFunction>;
  const original = holderOf[name]!;
  const wrapped = function (this: unknown, ...values: unknown[]) {
    step?.();
    return original.apply(this, values);
  };
  // promisify() finds what it needs in the function's own properties.
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  holderOf[name] = wrapped;
}

for (const name of ['stat', 'readdir', 'realpath', 'open']) wrap(promises, name);
for (const name of ['open', 'read', 'fstat', 'statSync', 'readSync']) wrap(fs, name);
const handle = await promises.open(createRequire(import.meta.url).resolve('tail-file/package.json'));
for (const name of ['read', 'stat']) wrap(Object.getPrototypeOf(handle) as object, name);
await handle.close();
syncBuiltinESMExports();
