import { expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { type ListedEvent, listEvents } from './event-listing.js';
import { innerPatterns, textPatterns } from './shape.js';

const page = fileURLToPath(new URL('../../../docs/events.md', import.meta.url));
const begins = '<!-- From here on written by libs/event-catalog/src/events-page.spec.ts: RINGFENCE_WRITE_DOCS=1 -->\n';

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function sectionOf({ type, ceType, fields }: ListedEvent): string {
  const rows = fields.map((field) => [`\`${field.name}\``, field.class, field.written.replaceAll('|', '\\|')]);
  return `### ${type}\n\n\`${ceType}\`\n\n${tableOf(['field', 'class', 'written as'], rows)}\n`;
}

function generated(): string {
  const patterns = Object.entries({ ...textPatterns, ...innerPatterns }).map(([name, { pattern, wanted }]) => [
    name,
    wanted,
    `\`${pattern.source.replaceAll('|', '\\|')}\``,
  ]);
  return `\n## Text\n\n${tableOf(['name', 'what it is', 'pattern'], patterns)}\n\n## Events\n\n${listEvents().map(sectionOf).join('\n')}`;
}

it('docs/events.md lists every event and every field, with its class, as the catalogue has them', async () => {
  const [prose = ''] = readFileSync(page, 'utf8').split(begins);
  const wanted = await format(prose + begins + generated(), { parser: 'markdown', printWidth: 120 });
  if (process.env['RINGFENCE_WRITE_DOCS'] === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8')).toBe(wanted);
});
