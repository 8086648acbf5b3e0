import fs from 'node:fs';
import { join } from 'node:path';
import type { Framed } from '../../src/event/framing/framing.ts';
import type { FilePositions } from '../../src/source/source.ts';
import { temporary } from '../support/exporter.ts';
import { Files } from './files.ts';

/** How long a renamed file may be silent before it is let go, in milliseconds. */
export const GRACE = 5000;
const MAX_LINE = 1024 * 1024;

/** A directory and the source of one path in it, with time in the test's hands. */
class Setting {
  readonly directory = temporary();
  readonly path = join(this.directory.path, 'events.json');
  readonly halt = new AbortController();
  lines: string[] = [];
  incidents: string[] = [];
  notices: string[] = [];
  now = 0;
  /** Called with each line. */
  taken: () => void = () => undefined;

  options() {
    return {
      maxLine: MAX_LINE,
      clock: { now: () => Date.now(), monotonic: () => this.now },
      halt: this.halt.signal,
      sink: ({ payload }: Framed) => {
        for (const line of Buffer.from(payload).toString().split('\n'))
          if (line !== '') this.lines.push(line);
        this.taken();
      },
      reports: {
        incident: (_: string, incident: string) => void this.incidents.push(incident),
        notice: (message: string, details: Record<string, unknown>) =>
          void this.notices.push(`${message} ${JSON.stringify(details)}`),
      },
    };
  }

  file(more: Partial<ConstructorParameters<typeof Files>[0]> = {}): Files {
    return new Files({ ...this.options(), files: [this.path], ...more });
  }

  glob(saved?: FilePositions): Files {
    return this.file({ files: [join(this.directory.path, '*.json')], saved });
  }

  append(text: string): void {
    fs.appendFileSync(this.path, text);
  }

  /** Files under the directory that are open in this process. */
  open(): string[] {
    return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const name = fs.readlinkSync(`/proc/self/fd/${fd}`);
        return name.startsWith(this.directory.path) ? [name] : [];
      } catch {
        return [];
      }
    });
  }
}

export async function inSetting(run: (setting: Setting) => Promise<void>): Promise<void> {
  const setting = new Setting();
  await run(setting).finally(() => setting.directory.remove());
}
