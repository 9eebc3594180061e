import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { leftOut, needs, testFiles } from './test-needs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const kafkaSuites = ['end to end, over Kafka', 'end to end, over Kafka, alone', 'fault run'];

describe('what tests need that npm does not bring', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-needs-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const having = async (...commands: readonly string[]) => {
    for (const command of commands) await writeFile(join(folder, command), '');
    return { PATH: folder };
  };

  it('leaves out, where nothing of it is there, what rests on it, and names what is missing', async () => {
    const { suites, files } = leftOut(root, await having());
    expect([...suites.keys()]).toEqual(kafkaSuites);
    expect(files.get('e2e/src/sdk.e2e.ts')).toMatch(/^Apache Kafka, or Java/);
    expect(files.get('e2e/src/signed-commands.e2e.ts')).toMatch(/^Apache Kafka, .*; kcat$/);
    for (const needless of ['e2e/src/crash.e2e.ts', 'e2e/src/faults/schedule.spec.ts'])
      expect([needless, files.has(needless)]).toEqual([needless, false]);
  });

  it('leaves out nothing where all of it is there', async () => {
    const all = await having('java', 'mvn', 'kcat', 'nginx', 'haproxy', 'openssl', 'python3', 'bash', 'curl', 'git');
    expect(leftOut(root, all)).toEqual({ suites: new Map(), files: new Map() });
  });

  it('takes a cluster that is named, or an engine, for a broker', async () => {
    for (const setting of ['KAFKA_BROKERS', 'DOCKER_HOST'])
      expect(leftOut(root, { ...(await having()), [setting]: 'one:9092' }).suites).toEqual(new Map());
    expect(leftOut(root, await having('java')).suites).not.toEqual(new Map());
  });

  it('leaves out nothing in a build: a test that lacks something is red there', async () => {
    expect(leftOut(root, { ...(await having()), CI: 'true' })).toEqual({ suites: new Map(), files: new Map() });
  });

  it('is needed by files that there are', () => {
    const paths = testFiles(root);
    for (const { files } of needs)
      for (const file of files) expect([file, paths.some((path) => file.test(path))]).toEqual([file, true]);
  });

  it('is known of every test that begins with a broker', () => {
    const begins =
      /from '(@ringfence\/testing\/kafka\/broker-[^']+|\.[^']*(cluster-of-(members|processes)|two-releases))/;
    const known = leftOut(root, { PATH: '' }).files;
    const unknown = testFiles(root).filter(
      (path) => begins.test(readFileSync(join(root, path), 'utf8')) && !known.has(path),
    );
    expect(unknown).toEqual([]);
  });

  it('is named in the page on testing', () => {
    const page = readFileSync(join(root, 'docs/testing.md'), 'utf8');
    for (const word of ['Apache Kafka', 'kcat', 'python3', 'curl', 'git']) expect(page).toContain(word);
  });
});
