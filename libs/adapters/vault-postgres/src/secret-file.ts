import { Failure } from '@ringfence/kernel/failure';
import { makeFolder } from '@ringfence/sql-postgres/make-folder';
import { randomBytes } from 'node:crypto';
import { link, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A key of the server's own for development, `<name>-<8 hex>:base64(32 bytes)`, created if the file does not exist.
 * Concurrent processes get the same key; a crash leaves either no file or a complete one.
 * @param path the file; its folder is created, accessible only to this user
 * @param name begins the key's id
 * @throws Failure `secret_file_exposed` if another user may read the file, `secret_file_unreadable`
 */
export async function loadOrCreateSecretFile(path: string, name: string): Promise<string> {
  return (
    (await readSecretFile(path)) ??
    makeSecretFile(path, `${name}-${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}`)
  );
}

/**
 * Writes a secret into a file of its own. An existing file must have the same content.
 * @throws Failure `secret_file_differs`, `secret_file_exposed`
 */
export async function keepSecretFile(path: string, text: string): Promise<void> {
  const found = (await readSecretFile(path)) ?? (await makeSecretFile(path, text));
  if (found !== text)
    throw new Failure('secret_file_differs', `${path} holds another secret already: move it away first`, false);
}

/** @returns the content of the file, which another process may have created first */
async function makeSecretFile(path: string, text: string): Promise<string> {
  await makeFolder(dirname(path));
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDurably(draft, `${text}\n`);
    await linkUnlessThere(draft, path);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  await syncFolder(dirname(path));
  const made = await readSecretFile(path);
  if (made === undefined) throw new Failure('secret_file_lost', `${path} was taken away while it was made`, true);
  return made;
}

/**
 * Reads an existing secret file; undefined: there is none, and none is created.
 * @throws Failure `secret_file_exposed`, `secret_file_unreadable`
 */
export async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      throw new Failure('secret_file_exposed', `${path} may be read by others: chmod 600 ${path}`, false);
    }
    return (await readFile(path, 'utf8')).trim();
  } catch (failure) {
    if (isErrno(failure, 'ENOENT')) return undefined;
    if (failure instanceof Failure) throw failure;
    throw new Failure('secret_file_unreadable', `${path} cannot be read: start Ringfence as the user whose file it is`, false, { cause: failure }); // prettier-ignore
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Links a file under its name if that is free: atomic, so the first of two processes wins. */
async function linkUnlessThere(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (failure) {
    if (!isErrno(failure, 'EEXIST')) throw failure;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Recognises file-system errors by shape, not class: in tests they come from another realm. */
function isErrno(failure: unknown, code: string): boolean {
  return typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === code;
}
