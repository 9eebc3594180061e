import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { alarms } from './process-lines.js';

const server = fileURLToPath(new URL('../../../apps/server/src/', import.meta.url));

describe('the lines that nobody should ever have to say', () => {
  const sources = globSync('**/*.ts', { cwd: server }).map((path) => readFileSync(`${server}${path}`, 'utf8'));

  it.each(alarms)('are such as the server says: %s', (alarm) => {
    expect(sources.some((source) => source.includes(`'${alarm}`))).toBe(true);
  });
});
