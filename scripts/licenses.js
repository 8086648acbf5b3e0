/** The licence texts of what a bundle is made of: they ask to go along with every copy. */
import { readdirSync, readFileSync } from 'node:fs';

/** Its library is compiled into kernel.wasm. */
const IN_THE_KERNEL = 'node_modules/assemblyscript';

/**
 * @param inputs paths of every file in the bundle, as esbuild's metafile names them
 * @returns one text, package by package
 * @throws where a package comes without a licence's text
 */
export function licenses(inputs) {
  const found = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set([...found, IN_THE_KERNEL])].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
    const files = readdirSync(directory).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    if (files.length === 0) throw new Error(`${directory} holds no licence`);
    const text = files.map((file) => readFileSync(`${directory}/${file}`, 'utf8').trim()).join('\n\n');
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(100)}\n\n`);
}
