import { describe, expect, it } from '@jest/globals';
import type { DomainEventType } from '@ringfence/domain/domain-event';
import { epochMs } from '@ringfence/kernel/units';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { arbitraryEnvelope } from './arbitrary-events.js';
import type { EventEnvelope } from './envelope.js';
import { ceTypes } from './event-catalog.js';
import { decodeEvent, encodeEvent } from './event-codec.js';
import { hashOf } from './hash.js';
import { type ListedEvent, listEvents } from './event-listing.js';

/**
 * `golden/<CloudEvents type>.fields.txt` is what may be written under that version, words of enums included;
 * `golden/<CloudEvents type>.json` is an event exactly as some release wrote it; `golden/sums.txt` is its SHA-256.
 * Neither ever changes: a new version adds a file and a line. `RINGFENCE_WRITE_GOLDEN=1` writes what is missing, and
 * nothing that is there.
 */
const folder = fileURLToPath(new URL('../golden/', import.meta.url));
const sumsPath = `${folder}sums.txt`;
const written = process.env['RINGFENCE_WRITE_GOLDEN'] === '1';
if (written) writeMissing();

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort();
const sums = new Map(
  readFileSync(sumsPath, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(66), line.slice(0, 64)]),
);
const current = Object.values(ceTypes);

function writeMissing(): void {
  for (const event of listEvents()) {
    const fields = `${folder}${event.ceType}.fields.txt`;
    if (!existsSync(fields)) writeFileSync(fields, fieldsText(event), { flag: 'wx' });
    const path = `${folder}${event.ceType}.json`;
    if (existsSync(path)) continue;
    const bytes = encodeEvent(sampleOf(event.type));
    writeFileSync(path, bytes, { flag: 'wx' });
    writeFileSync(sumsPath, `${hashOf(bytes)}  ${event.ceType}.json\n`, { flag: 'a' });
  }
}

function sampleOf(type: DomainEventType): EventEnvelope {
  const [sample] = fc.sample(arbitraryEnvelope(type), { numRuns: 1, seed: 4 });
  if (sample === undefined) throw new Error('no sample');
  const { position: _, ...envelope } = sample;
  return { ...envelope, decidedAtMs: epochMs(1_790_000_000_000) };
}

function fieldsText({ fields }: ListedEvent): string {
  return fields.map(({ name, class: fieldClass, written }) => `${name}: ${fieldClass}, ${written}\n`).join('');
}

describe('the golden files', () => {
  it('are there for every event in the version that is written', () => {
    expect(current.filter((ceType) => !files.includes(`${ceType}.json`))).toEqual([]);
  });

  it.each(listEvents())('still say of $ceType what may be written: a new field or word is a new version', (event) => {
    expect(fieldsText(event)).toBe(readFileSync(`${folder}${event.ceType}.fields.txt`, 'utf8'));
  });

  it('are there for every version that ever was', () => {
    const older = current.flatMap((ceType) => {
      const [, name = '', version = ''] = /^(.*\.v)(\d+)$/.exec(ceType) ?? [];
      return Array.from({ length: Number(version) - 1 }, (_, at) => `${name}${String(at + 1)}.json`);
    });
    expect(older.filter((name) => !files.includes(name))).toEqual([]);
  });

  it('are the bytes that their sums say, no file without a sum and no sum without a file', () => {
    const found = files.map((name) => [name, hashOf(readFileSync(folder + name))]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(sums));
  });

  it('and their sums are what the last commit holds, or new', () => {
    const tracked = execFileSync('git', ['ls-tree', '-r', '--name-only', 'HEAD', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const changed = tracked
      .split('\n')
      .filter((name) => name.endsWith('.json'))
      .filter(
        (name) => !execFileSync('git', ['show', `HEAD:./${name}`], { cwd: folder }).equals(readFileSync(folder + name)),
      );
    expect(changed).toEqual([]);
  });

  it.each(files)('%s is still read', (name) => {
    const bytes = readFileSync(folder + name);
    const envelope = decodeEvent(bytes);
    const rewritten = encodeEvent(envelope);
    if (current.includes(name.replace(/\.json$/, ''))) expect(Buffer.from(rewritten).equals(bytes)).toBe(true);
    else expect(decodeEvent(rewritten)).toEqual(envelope);
  });

  it.each(files)(
    '%s is read as well when a person issued it, as a later release may write it, and not written',
    (name) => {
      const bytes = readFileSync(folder + name);
      const ofPerson = Buffer.from(
        bytes.toString('latin1').replace(/"issuedbykind":"\w+"/, '"issuedbykind":"person"'),
        'latin1',
      );
      const envelope = decodeEvent(ofPerson);
      expect(envelope).toEqual({ ...decodeEvent(bytes), issuedBy: { ...decodeEvent(bytes).issuedBy, kind: 'person' } });
      expect(() => encodeEvent(envelope)).toThrow('issuedbykind');
    },
  );

  it('of rejections before they were counted represent one', () => {
    const [before, now] = [1, 2].map(
      (version) =>
        decodeEvent(readFileSync(`${folder}ringfence.audit.command_turned_away.v${String(version)}.json`)).data,
    );
    expect(before).toMatchObject({ type: 'CommandTurnedAway', count: 1 });
    expect(now).toMatchObject({ type: 'CommandTurnedAway', count: expect.any(Number) });
  });
});
