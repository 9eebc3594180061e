import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { keySecretPattern, mintSecret } from './key-secret.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/secret-scanning.md', import.meta.url)), 'utf8');

it('docs/secret-scanning.md publishes the pattern that secrets have', () => {
  expect(page).toContain(`\`\`\`text\n${keySecretPattern}\n\`\`\``);
});

it('docs/secret-scanning.md shows a check that knows a secret and its typo', () => {
  const [, shown = ''] = /```js\nimport .*\n([^]*?)```/.exec(page) ?? [];
  const isRingfenceKey = runInNewContext(`${shown}; isRingfenceKey`, { crc32 }) as (text: string) => boolean;
  const { text } = mintSecret('live');
  expect(isRingfenceKey(text)).toBe(true);
  expect(isRingfenceKey(text.slice(0, -1) + (text.endsWith('0') ? '1' : '0'))).toBe(false);
  expect(isRingfenceKey(text.replace('live', 'test'))).toBe(false);
});
