import type { PlatformApi } from './server/platform-api.js';
import type { Settings } from './settings.js';
import type { Terminal } from './terminal/terminal.js';

/** `operator`: the admin key of the first start; `account`: the sandbox key of its demo account. */
export type KeyHolder = 'operator' | 'account';

/** The environment of a command, made from the command line and the settings. */
export interface Shell {
  readonly terminal: Terminal;
  readonly settings: Settings;
  /** The environment of processes that a command starts. */
  readonly environment: NodeJS.ProcessEnv;
  /** The root of the server that was named or is known here. */
  readonly url: () => Promise<string>;
  /**
   * The API of the server, with the key that was named or is known for it.
   * @param as whose key of the server's data directory is used if no other is known
   * @throws Failure `usage` when there is no key
   */
  readonly api: (as: KeyHolder) => Promise<PlatformApi>;
}
