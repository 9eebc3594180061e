import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { registerFileName } from '@ringfence/reactors/register/register-reactor';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { platformStream } from '@ringfence/kernel/ids';
import { position, streamVersion } from '@ringfence/kernel/units';
import { mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegisterFile } from './register-file.js';

let folder: string;
let path: string;
const event = (at: number): RecordedEvent => ({
  position: position(at),
  stream: platformStream,
  version: streamVersion(at + 1),
  type: 'any',
  subject: 'any',
  bytes: Buffer.from(`{"id":"${String(at)}"}`),
});
const line = (at: number) => `{"position":${String(at)},"event":{"id":"${String(at)}"}}\n`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-register-'));
  path = join(folder, registerFileName);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the register of erasures and revocations', () => {
  it('grows by one line per event, and is readable by its owner only', async () => {
    await new RegisterFile(folder).append([event(1), event(2)]);
    await new RegisterFile(folder).append([event(3)]);
    expect(await readFile(path, 'utf8')).toBe(line(1) + line(2) + line(3));
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('recovers from a truncated line', async () => {
    const register = new RegisterFile(folder);
    await register.append([event(1), event(2)]);
    await truncate(path, line(1).length + 5);
    await register.append([event(2), event(3)]);
    expect(await readFile(path, 'utf8')).toBe(line(1) + line(2) + line(3));
    await truncate(path, 5);
    await register.append([event(4)]);
    expect(await readFile(path, 'utf8')).toBe(line(4));
  });

  it('fails when it cannot be written, so that its events are delivered again', async () => {
    await rm(folder, { recursive: true });
    const failed = new RegisterFile(folder).append([event(1)]);
    await expect(failed).rejects.toMatchObject({ code: 'register_unwritable', retryable: true });
  });
});
