import { describe, expect, test } from "vitest";
import { type FileStatus, foreignFile, replaceableByOthers, writableByOthers } from "../../src/core/file-owner.ts";

const me = 1000;
const file = (status: Partial<FileStatus>): FileStatus => ({ uid: me, gid: 1000, mode: 0o100644, nlink: 1, ...status });

describe("a file that is added to", () => {
  test.each([
    ["of this user", file({}), me, null],
    ["of this user, open to others", file({ mode: 0o100666 }), me, null],
    ["of another user", file({ uid: 1001 }), me, "belongs to another user"],
    ["of the super-user", file({ uid: 0 }), me, "belongs to another user"],
    ["of a user, for the super-user", file({}), 0, "belongs to another user"],
    ["with two names", file({ nlink: 2 }), me, "has more than one name (hard links)"],
    ["where there are no users", file({ uid: 0, nlink: 3 }), undefined, null],
  ])("%s", (_what, status, user, expected) => {
    expect(foreignFile(status, user)).toBe(expected);
  });
});

describe("a file that is believed", () => {
  test.each([
    ["of this user", file({}), me, null],
    ["of the super-user", file({ uid: 0, gid: 0 }), me, null],
    ["of a user, for the super-user", file({}), 0, "belongs to another user"],
    ["of another user", file({ uid: 65_534 }), me, "belongs to another user"],
    ["that all may write", file({ mode: 0o100646 }), me, "can be written by all users"],
    ["that all may write, with the sticky bit", file({ mode: 0o101646 }), me, "can be written by all users"],
    ["that a group may write", file({ gid: 50, mode: 0o100664 }), me, "can be written by its group"],
    ["that the user's own group may write", file({ mode: 0o100664 }), me, null],
    [
      "that the group of the super-user may write",
      file({ uid: 0, gid: 0, mode: 0o100664 }),
      0,
      "can be written by its group",
    ],
    ["where there are no users", file({ uid: 7, mode: 0o100666 }), undefined, null],
  ])("%s", (_what, status, user, expected) => {
    expect(writableByOthers(status, user)).toBe(expected);
  });
});

describe("the folder of a file that is believed", () => {
  const folder = (status: Partial<FileStatus>): FileStatus => file({ mode: 0o040755, nlink: 3, ...status });
  test.each([
    ["of this user", folder({}), me, null],
    ["that all may write", folder({ uid: 0, mode: 0o040777 }), me, "can be written by all users"],
    ["that all may write, with the sticky bit", folder({ uid: 0, mode: 0o041777 }), me, null],
    ["this user's with the sticky bit", folder({ mode: 0o041777 }), me, null],
    ["another user's with the sticky bit", folder({ uid: 1001, mode: 0o041777 }), me, "belongs to another user"],
    ["where there are no users", folder({ uid: 7, mode: 0o040777 }), undefined, null],
  ])("%s", (_what, status, user, expected) => {
    expect(replaceableByOthers(status, user)).toBe(expected);
  });
});
