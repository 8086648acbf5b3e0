/** What stands in the documents to be typed: blocks of sh and promql, and the queries in tables of old and new. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prometheus/program.ts';

export interface Command {
  /** Of the block's first line. */
  file: string;
  line: number;
  /** One command, with its continued lines and without what stands behind it as a comment. */
  text: string;
  /** A comment that begins with a quoted text: the command fails, and says that. */
  fails: string | undefined;
}

export interface Block {
  file: string;
  line: number;
  commands: Command[];
}

export interface Query {
  file: string;
  line: number;
  expr: string;
}

/** Those that promise that what they say can be typed. */
export const DOCUMENTS = [
  'README.md',
  'falco/README.md',
  'secrets/README.md',
  ...['docs', 'docs/runbooks'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

function fenced(language: string): { file: string; line: number; lines: string[] }[] {
  return DOCUMENTS.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
      (found) => ({
        file,
        line: text.slice(0, found.index).split('\n').length + 1,
        lines: found[2]!.split('\n').map((line) => line.slice(found[1]!.length)),
      }),
    );
  });
}

export function shellBlocks(): Block[] {
  return fenced('sh').map(({ file, line, lines }) => {
    const commands: Command[] = [];
    let pending = '';
    for (const [at, text] of lines.entries()) {
      if (pending === '' && (text.trim() === '' || text.startsWith('#'))) continue;
      const [, code = '', comment] = /^(.*?)(?:\s+#\s+(.*))?$/.exec(text)!;
      pending += `${code}\n`;
      if (/[\\|]$/.test(code)) continue;
      const fails = /^"([^"]+)"/.exec(comment ?? '')?.[1];
      commands.push({ file, line: line + at, text: pending.trimEnd(), fails });
      pending = '';
    }
    return { file, line, commands };
  });
}

/**
 * Each line of a block is a query; it goes without its last comparison where the comment above says what no answer means.
 * Those in the second column of a table `old | new` are, too.
 */
export function queries(): Query[] {
  const blocks = fenced('promql').flatMap(({ file, line, lines }) =>
    lines.flatMap((expr, at) =>
      expr.trim() === '' || expr.startsWith('#')
        ? []
        : {
            file,
            line: line + at,
            expr: /; no answer: /.test(lines[at - 1] ?? '') ? expr.replace(/ > [\d.]+$/, '') : expr,
          },
    ),
  );
  const tables = DOCUMENTS.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/^\| old \| new \|\n\|[- |]+\n((?:\|.*\n)+)/gm)].flatMap((found) =>
      found[1]!
        .trim()
        .split('\n')
        .map((row, at) => ({
          file,
          line: text.slice(0, found.index).split('\n').length + 2 + at,
          expr: /^`([^`]*)`/.exec(row.split(/(?<!\\)\|/)[2]!.trim())![1]!.replaceAll('\\|', '|'),
        })),
    );
  });
  return [...blocks, ...tables];
}
