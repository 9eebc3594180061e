import { resolve } from 'node:path';

/** What the environment says to the command line; nothing else here reads it. Empty is the same as unset. */
export type Settings = {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  readonly adminKey: string | undefined;
};

export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const read = (name: string) => environment[name] || undefined;
  return {
    dataDir: resolve(read('RINGFENCE_DATA_DIR') ?? '.ringfence'),
    databaseUrl: read('DATABASE_URL'),
    url: read('RINGFENCE_URL'),
    apiKey: read('RINGFENCE_API_KEY'),
    adminKey: read('RINGFENCE_ADMIN_KEY'),
  };
}
