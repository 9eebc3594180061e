import { chmod, chown, cp, rename, stat, truncate } from 'node:fs/promises';

/**
 * Damages to a file that something relies on.
 * @returns restores it
 */
export const fileHarms = {
  removed: async (path: string) => {
    await rename(path, `${path}.away`);
    return () => rename(`${path}.away`, path);
  },
  truncated: async (path: string) => {
    const { uid, gid } = await stat(path);
    await cp(path, `${path}.away`, { preserveTimestamps: true });
    await truncate(path);
    return async () => {
      await rename(`${path}.away`, path);
      await chown(path, uid, gid);
    };
  },
  unreadable: async (path: string) => {
    const { mode } = await stat(path);
    await chmod(path, 0);
    return () => chmod(path, mode);
  },
} as const;
