// The four permissions and their order: ConfigureExchangeHybridApplication.ps1 (CSS-Exchange). What else lets a call pass: the tables
// "Permissions" of calendar-getschedule, user-getmailtips, user-get-mailboxsettings and profilephoto-get in the Graph reference.
import { describe, expect, test } from "vitest";
import type { GraphFamily } from "../../../src/decoders/graph-facts.ts";
import {
  graphPermissions,
  isGranted,
  permissionFor,
  rolesOf,
} from "../../../src/diagnosis/catalogue/graph-permissions.ts";

test("the permissions are those of Microsoft's script, each for one family", () => {
  expect(graphPermissions.map(({ permission }) => permission)).toEqual([
    "Calendars.Read",
    "MailboxSettings.Read",
    "MailTips.ReadBasic.All",
    "ProfilePhoto.Read.All",
  ]);
  expect(graphPermissions.map(({ feature }) => feature)).toEqual([
    "free/busy",
    "mailbox settings",
    "MailTips (automatic replies)",
    "photos",
  ]);
  for (const one of graphPermissions) expect(permissionFor(one.family)).toBe(one);
  for (const family of ["batch", "unknown"] as const) expect(permissionFor(family)).toBeNull();
});

describe("roles let a call pass", () => {
  test.each<[GraphFamily, string, boolean]>([
    ["free-busy", "Calendars.Read", true],
    ["free-busy", "calendars.read", true],
    ["free-busy", "Calendars.ReadBasic", true],
    ["free-busy", "Calendars.ReadWrite", true],
    ["free-busy", "MailboxSettings.Read", false],
    ["mailbox-settings", "MailboxSettings.ReadWrite", true],
    ["mailbox-settings", "Calendars.Read", false],
    ["mail-tips", "MailTips.ReadBasic.All", true],
    ["mail-tips", "Mail.Read", true],
    ["mail-tips", "Mail.Send", false],
    ["photo", "User.Read.All", true],
    ["photo", "User.Read", false],
  ])("%s with %s: %s", (family, role, isAllowed) => {
    const permission = permissionFor(family);
    expect(permission === null ? null : isGranted(permission, ["full_access_as_app", role])).toBe(isAllowed);
  });
});

test("roles are read from the token of an application only", () => {
  expect(rolesOf({ claims: { roles: ["Calendars.Read"] } })).toEqual(["Calendars.Read"]);
  expect(rolesOf({ claims: {} })).toEqual([]);
  expect(rolesOf({ claims: { scp: "Calendars.Read", roles: ["Calendars.Read"] } })).toBeNull();
  expect(rolesOf({ claims: { roles: "Calendars.Read" } })).toBeNull();
  expect(rolesOf({ claims: { roles: [1] } })).toBeNull();
  expect(rolesOf({ claims: { roles: Array.from({ length: 257 }, () => "x") } })).toBeNull();
});
