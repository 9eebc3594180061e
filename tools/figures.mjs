// Writes the figures of bench/results between the markers of docs/benchmarks.md, and six of them into README.md: none
// is ever typed by hand.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [begin, end] = ['<!-- figures: node tools/figures.mjs -->', '<!-- end of figures -->'];

/** The six of README.md: what they are called there, and the bench and row that measure them. */
const highlights = [
  ['calls accepted over HTTP', 'acceptance', 'calls accepted'],
  ['… 99 % of them within', 'acceptance', 'p99'],
  ['signed commands over Kafka, by one decider', 'kafka', 'commands'],
  [
    'last use of a key after its revocation, p99',
    'revocation',
    'last read anywhere after the acknowledgement, p99 of 100',
  ],
  ['added to the neighbours’ p99 by a flood on one key', 'neighbours', 'added by the flood'],
  ['reading the log', 'event-store', 'reading the log'],
];

const folder = join(root, 'bench/results');
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
const results = await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
await writeBetweenMarkers('docs/benchmarks.md', results.map(section).join('\n'));
await writeBetweenMarkers('README.md', ['| | |', '| --- | --- |', ...highlights.map(highlight), ''].join('\n'));

async function writeBetweenMarkers(page, text) {
  const [before, rest = ''] = (await readFile(join(root, page), 'utf8')).split(begin);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`${page} has lost its markers for figures`);
  await writeFile(join(root, page), `${before}${begin}\n\n${text}\n${end}${after}`);
}

function highlight([title, bench, what]) {
  const row = results
    .find(({ command }) => command === `npm run bench -- ${bench}`)
    ?.rows.find((each) => each.what === what);
  if (row === undefined) throw new Error(`bench/results has no “${what}” of ${bench}`);
  return `| ${title} | ${row.figure} |`;
}

function section({ command, at, machine, rows }) {
  const where = `${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}, ${machine.memoryGiB} GiB, Node ${machine.node.replace(/^v/, '')}`;
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
