import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isRecord } from '@ringfence/event-catalog/shape-codec';
import { sdkFailures } from '../sdk-failures.js';
import type { Checkpoint, CheckpointStore } from './checkpoint.js';

/**
 * Checkpoints in one JSON file, for one process. The file is always complete: a new version is written beside it, made
 * durable, and renamed.
 */
export class FileCheckpoints implements CheckpointStore {
  #kept: Map<string, Map<number, Checkpoint>> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  /** @throws Failure `checkpoints_unreadable` */
  async load(topic: string): Promise<ReadonlyMap<number, Checkpoint>> {
    return new Map((await this.#read()).get(topic));
  }

  async save(topic: string, partition: number, checkpoint: Checkpoint): Promise<void> {
    const kept = await this.#read();
    kept.set(topic, (kept.get(topic) ?? new Map<number, Checkpoint>()).set(partition, checkpoint));
    // Checkpoints saved while the file is being written share the next write.
    this.#waiting ??= this.#writing.then(async () => {
      this.#waiting = undefined;
      await this.#write(kept);
    });
    const mine = this.#waiting;
    this.#writing = mine.catch(() => undefined);
    await mine;
  }

  async #read(): Promise<Map<string, Map<number, Checkpoint>>> {
    if (this.#kept !== undefined) return this.#kept;
    const text = await readFile(this.path, 'utf8').catch((failure: unknown) => {
      if (isRecord(failure) && failure['code'] === 'ENOENT') return '{}';
      throw failure;
    });
    // Another call may have read it meanwhile.
    this.#kept ??= this.#parsed(text);
    return this.#kept;
  }

  #parsed(text: string): Map<string, Map<number, Checkpoint>> {
    try {
      const body: unknown = JSON.parse(text);
      if (!isRecord(body)) throw new TypeError('no object');
      return new Map(Object.entries(body).map(([topic, partitions]) => [topic, partitionsIn(partitions)]));
    } catch (cause) {
      throw sdkFailures.checkpoints_unreadable(this.path, cause);
    }
  }

  async #write(kept: ReadonlyMap<string, ReadonlyMap<number, Checkpoint>>): Promise<void> {
    const body = Object.fromEntries([...kept].map(([topic, partitions]) => [topic, Object.fromEntries(partitions)]));
    const beside = `${this.path}.next`;
    await makeFolder(dirname(resolve(this.path)));
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(body, null, 1)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.path);
  }
}

/**
 * Makes the folder step by step: `mkdir`'s own recursion never ends inside a folder that permits no new ones, such as
 * /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch(async (failure: unknown) => {
    if (!(await isFolder(folder))) throw failure; // otherwise another consumer was first
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function partitionsIn(raw: unknown): Map<number, Checkpoint> {
  if (!isRecord(raw)) throw new TypeError('a topic has partitions');
  return new Map(
    Object.entries(raw).map(([partition, checkpoint]) => {
      const { nextOffset, through } = isRecord(checkpoint) ? checkpoint : {};
      if (!/^\d{1,6}$/.test(partition) || typeof nextOffset !== 'string' || !/^\d{1,19}$/.test(nextOffset))
        throw new TypeError('a partition has an offset');
      if (through !== null && !(typeof through === 'number' && Number.isSafeInteger(through) && through >= 0))
        throw new TypeError('a partition has a position');
      return [Number(partition), { nextOffset, through }];
    }),
  );
}
