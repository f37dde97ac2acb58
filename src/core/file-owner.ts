// Whose file something is, from what the system says of it. Pure: the caller opens the file and passes the user id.

/** Of fstat(2) or lstat(2): the owner, the mode with its file type, the number of names. */
export interface FileStatus {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly nlink: number;
}

/** Writable by the group, by all; the sticky bit keeps others from replacing what they do not own. */
const [byGroup, byAll, sticky] = [0o020, 0o002, 0o1000];

/**
 * Why a file is not this user's alone, so that nothing is added to it: null when it is. `user` is the effective user's number,
 * undefined where the system has none (Windows), and then nothing can be said.
 */
export function foreignFile({ uid, nlink }: FileStatus, user: number | undefined): string | null {
  if (user === undefined) return null;
  if (uid !== user) return "belongs to another user";
  return nlink > 1 ? "has more than one name (hard links)" : null;
}

/** Why others could have written a file; null when only this user and the super-user could. */
export function writableByOthers(status: FileStatus, user: number | undefined): string | null {
  if (user === undefined) return null;
  const { uid, mode } = status;
  if (uid !== user && uid !== 0) return "belongs to another user";
  if ((mode & byAll) !== 0) return "can be written by all users";
  return (mode & byGroup) !== 0 && !isOwnGroup(status, user) ? "can be written by its group" : null;
}

/** The same of a folder: whether others could put a file of their choice under a name there. */
export function replaceableByOthers(status: FileStatus, user: number | undefined): string | null {
  const isSticky = (status.mode & sticky) !== 0;
  return writableByOthers(isSticky ? { ...status, mode: status.mode & ~(byGroup | byAll) } : status, user);
}

/** The group that Linux makes for each user, with the same number and nobody else in it. */
function isOwnGroup({ gid }: FileStatus, user: number): boolean {
  return user !== 0 && gid === user;
}
