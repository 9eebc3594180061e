import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Register, registerFileName } from '@ringfence/reactors/register/register-reactor';
import type { RecordedEvent } from '@ringfence/ports/log/event-store';
import { startFailures } from './start-failures.js';

/** Bytes searched backwards for the beginning of a truncated line; longer than any event. */
const tailBytesMax = 65_536;
const lineFeed = 0x0a;

/** The register in the data folder. Only appended to: an operator may remove its oldest lines. */
export class RegisterFile implements Register {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, registerFileName);
  }

  async append(events: readonly RecordedEvent[]): Promise<void> {
    const lines = events.map(
      ({ position, bytes }) => `{"position":${String(position)},"event":${Buffer.from(bytes).toString('latin1')}}\n`,
    );
    try {
      const file = await open(this.#path, 'a+', 0o600);
      try {
        await dropCutOffLine(file);
        await file.appendFile(lines.join(''));
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw startFailures.register_unwritable(this.#path, cause);
    }
  }
}

/** Drops a line truncated by a crash or a full disk. Its event was not acknowledged and is delivered again. */
async function dropCutOffLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, tailBytesMax));
  await file.read(tail, 0, tail.length, size - tail.length);
  if (tail.length === 0 || tail.at(-1) === lineFeed) return;
  await file.truncate(size - tail.length + tail.lastIndexOf(lineFeed) + 1);
}
