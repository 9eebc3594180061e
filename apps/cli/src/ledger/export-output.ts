import { open, rename, rm } from 'node:fs/promises';
import { cliFailures } from '../failures.js';
import type { Terminal } from '../terminal/terminal.js';

/** The destination of an export. A file gets its name only when it is complete. */
interface ExportOutput {
  /** Resolves when the next page may come. */
  readonly write: (text: string) => Promise<void>;
  readonly done: () => Promise<void>;
  /** Removes an incomplete file after a failure. */
  readonly discard: () => Promise<void>;
}

/** @param path undefined: standard output. @throws Failure `output_unwritable` */
export async function exportOutput(terminal: Terminal, path: string | undefined): Promise<ExportOutput> {
  if (path === undefined) {
    const nothing = () => Promise.resolve();
    return { write: terminal.write, done: nothing, discard: nothing };
  }
  const partial = `${path}.${String(process.pid)}.partial`;
  const unwritable = (cause: unknown) => {
    throw cliFailures.output_unwritable(path, cause);
  };
  const file = await open(partial, 'wx').catch(unwritable);
  return {
    write: async (text) => {
      await file.appendFile(text).catch(unwritable);
    },
    done: async () => {
      await file.sync().catch(unwritable);
      await file.close();
      await rename(partial, path).catch(unwritable);
    },
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}
