import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files for other programs of this user: the server's address and, for development, the first keys (mode 600). */
export class DataFiles {
  constructor(private readonly dataDir: string) {}

  async writeServer(url: string): Promise<void> {
    await this.#write('server.json', `${JSON.stringify({ url, pid: process.pid })}\n`, 0o644);
  }

  async removeServer(): Promise<void> {
    await rm(join(this.dataDir, 'server.json'), { force: true });
  }

  async writeFirstKeys(keys: {
    readonly adminKey: string;
    readonly sandboxKey: string;
    readonly accountId: string;
  }): Promise<void> {
    await this.#write('admin-key', `${keys.adminKey}\n`, 0o600);
    await this.#write('sandbox-key', `${keys.sandboxKey}\n`, 0o600);
    await this.#write('demo-account', `${keys.accountId}\n`, 0o600);
  }

  /** Writes the complete file or nothing. */
  async #write(name: string, text: string, mode: number): Promise<void> {
    const draft = join(this.dataDir, `${name}.new`);
    await rm(draft, { force: true });
    await writeFile(draft, text, { mode });
    await rename(draft, join(this.dataDir, name));
  }
}
