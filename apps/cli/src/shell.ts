import type { PlatformApi } from './server/platform-api.js';
import type { Settings } from './settings.js';
import type { Terminal } from './terminal/terminal.js';

/** `operator`: the admin key of the first start; `account`: the sandbox key of its demo account. */
export type KeyHolder = 'operator' | 'account';

/** What a command is given to work with; the program makes it from the command line and the environment. */
export interface Shell {
  readonly terminal: Terminal;
  readonly settings: Settings;
  /** For a process that is started from here. */
  readonly environment: NodeJS.ProcessEnv;
  /** The root of the server that was named, or is known here. */
  readonly url: () => Promise<string>;
  /**
   * The server that was named, or is known here, with the key that was named, or is known for it. @throws Failure `usage` when there is none
   * @param as whose key of the server's data directory would do, where no other is known
   */
  readonly api: (as: KeyHolder) => Promise<PlatformApi>;
}
