// Writes the figures of bench/results into README.md, between its two markers: none of them is ever typed by hand.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [begin, end] = ['<!-- figures: node tools/figures.mjs -->', '<!-- end of figures -->'];

const folder = join(root, 'bench/results');
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
const results = await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
const readme = await readFile(join(root, 'README.md'), 'utf8');
const [before, rest = ''] = readme.split(begin);
const after = rest.split(end)[1];
if (after === undefined) throw new Error('README.md has lost its markers for figures');
await writeFile(join(root, 'README.md'), `${before}${begin}\n\n${results.map(section).join('\n')}\n${end}${after}`);

function section({ command, at, machine, rows }) {
  const where = `${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node.replace(/^v/, '')}`;
  const lines = rows.map(({ what, figure, goal, met }) => {
    const verdict = { true: 'met', false: '**missed**', null: '' }[String(met)];
    return `| ${[what, figure, goal, verdict].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    `\`${command}\` (${at.slice(0, 16)}Z; ${where})`,
    '',
    '| measured | figure | goal | |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
