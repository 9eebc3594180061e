import type { PlatformApi } from './server/platform-api.js';
import type { Settings } from './settings.js';
import type { Terminal } from './terminal/terminal.js';

/** `operator`: the admin key of the first start; `account`: the sandbox key of its demo account. */
export type KeyHolder = 'operator' | 'account';

/** Everything a command works with, made from the command line and the environment. */
export interface Shell {
  readonly terminal: Terminal;
  readonly settings: Settings;
  /** The environment of processes that a command starts. */
  readonly environment: NodeJS.ProcessEnv;
  /** The root of the server that was named, or else is known here. */
  readonly url: () => Promise<string>;
  /**
   * The server that was named, or else is known here, with the key that was named, or else is known for it.
   * @param as the holder of the key in the server's data directory that is used where no other is known
   * @throws Failure `usage` when there is no key
   */
  readonly api: (as: KeyHolder) => Promise<PlatformApi>;
}
