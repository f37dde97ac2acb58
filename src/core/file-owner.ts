// Ownership of a file by its status. Pure: the caller reads the status and passes the user id.

/** The part of fstat(2) or lstat(2) that decides: owner, group, mode with file type, number of names. */
export interface FileStatus {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly nlink: number;
}

/** Writable by the group, by all; with the sticky bit others cannot replace files that they do not own. */
const [byGroup, byAll, sticky] = [0o020, 0o002, 0o1000];

/**
 * Why a file does not belong to this user alone and must not be written to; null when it does. `user` is the effective user id;
 * without one (Windows) the result is null.
 */
export function foreignFile({ uid, nlink }: FileStatus, user: number | undefined): string | null {
  if (user === undefined) return null;
  if (uid !== user) return "belongs to another user";
  return nlink > 1 ? "has more than one name (hard links)" : null;
}

/** Why other users could have written a file; null when only this user and the superuser could. */
export function writableByOthers(status: FileStatus, user: number | undefined): string | null {
  if (user === undefined) return null;
  const { uid, mode } = status;
  if (uid !== user && uid !== 0) return "belongs to another user";
  if ((mode & byAll) !== 0) return "can be written by all users";
  return (mode & byGroup) !== 0 && !isOwnGroup(status, user) ? "can be written by its group" : null;
}

/** As `writableByOthers` for a folder: why others could replace a file in it. */
export function replaceableByOthers(status: FileStatus, user: number | undefined): string | null {
  const isSticky = (status.mode & sticky) !== 0;
  return writableByOthers(isSticky ? { ...status, mode: status.mode & ~(byGroup | byAll) } : status, user);
}

/** True for the private group that Linux creates for each user, with the same number. */
function isOwnGroup({ gid }: FileStatus, user: number): boolean {
  return user !== 0 && gid === user;
}
