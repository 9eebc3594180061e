import { Failure } from '@ringfence/kernel/failure';

/** Failures of a backup or a restore, each with a one-line remedy. None of them leaves anything half done. */
export const backupFailures = {
  folder_not_empty: (folder: string, cutOff: boolean) =>
    new Failure(
      'backup_folder_not_empty',
      cutOff
        ? `${folder} holds a backup that was cut off half way (it has no manifest): remove it, or name another folder`
        : `${folder} is not empty: a backup wants a new folder`,
      false,
    ),
  folder_unusable: (folder: string, cause: unknown) =>
    new Failure('backup_folder_unusable', `${folder} cannot be written: ${messageOf(cause)}`, false, { cause }),
  disk_full: (folder: string, cause: unknown) =>
    new Failure(
      'backup_disk_full',
      `the disk that holds ${folder} is full: what was written is removed again; make room or name another folder`,
      false,
      { cause },
    ),
  incomplete: (folder: string, what: string) =>
    new Failure(
      'backup_incomplete',
      `${folder} holds no whole backup: ${what}. Use another backup, or copy this one again`,
      false,
    ),
  damaged: (folder: string, what: string) =>
    new Failure(
      'backup_damaged',
      `the backup in ${folder} is damaged: ${what}. Nothing was restored; use another backup, or copy this one again`,
      false,
    ),
  of_other_release: (what: string) =>
    new Failure(
      'backup_of_other_release',
      `this release cannot read the backup: ${what}. Restore with the release that made it, and upgrade afterwards`,
      false,
    ),
  database_not_empty: (tables: readonly string[]) =>
    new Failure(
      'database_not_empty',
      `the database is not empty (it has ${tables.join(', ')}): a restore wants a new database or a new data folder`,
      false,
    ),
  database_full: (cause: unknown) =>
    new Failure(
      'database_disk_full',
      'the disk of the database is full: nothing was restored; make room and restore again',
      false,
      { cause },
    ),
} as const;

function messageOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause);
}
