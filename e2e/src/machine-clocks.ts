import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const preload = new URL('../../tools/machine-clock.mjs', import.meta.url);

/** The clocks of the machines on which server processes believe to run: each can be set separately. */
export class MachineClocks {
  /** @param folder an empty one, used for nothing else */
  constructor(private readonly folder: string) {}

  /** Environment that makes a Node process take its time from these clocks. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import ${preload.href}`, MACHINE_CLOCKS: this.folder };
  }

  /** @param offMs offset of the clock of this process's machine from now on; 0: it is right */
  async set(pid: number, offMs: number): Promise<void> {
    await this.#write(String(pid), offMs);
  }

  /** @param offMs offset of the clock of every process that starts from now on, until it is set */
  async setAtStart(offMs: number): Promise<void> {
    await this.#write('start', offMs);
  }

  async #write(name: string, offMs: number): Promise<void> {
    // Written elsewhere and renamed, so that a reader sees all of it.
    const written = join(this.folder, `${name}.new`);
    await writeFile(written, String(offMs));
    await rename(written, join(this.folder, name));
  }
}
