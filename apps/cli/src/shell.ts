import type { PlatformApi } from './server/platform-api.js';
import type { Settings } from './settings.js';
import type { Terminal } from './terminal/terminal.js';

/** What a command is given to work with; the program makes it from the command line and the environment. */
export interface Shell {
  readonly terminal: Terminal;
  readonly settings: Settings;
  /** For a process that is started from here. */
  readonly environment: NodeJS.ProcessEnv;
  /** The root of the server that was named, or is known here. */
  readonly url: () => Promise<string>;
  /** The server that was named, with the key that was named. @throws Failure `usage` when no key was */
  readonly api: () => Promise<PlatformApi>;
}
