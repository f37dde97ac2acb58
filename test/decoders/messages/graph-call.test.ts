// Paths: the Microsoft Graph reference (calendar: getSchedule, user: getMailTips, Get user mailbox settings, Get profilePhoto, JSON
// batching), and OData 4.01 "URL Conventions" for keys in parentheses and qualified names.
import { expect, test } from "vitest";
import type { GraphFamily } from "../../../src/decoders/graph-facts.ts";
import { batchedFamilyOf, graphFamilyOf } from "../../../src/decoders/messages/graph-call.ts";

const id = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";

test.each<[string, GraphFamily]>([
  [`/v1.0/users/${id}/calendar/getSchedule`, "free-busy"],
  ["/v1.0/me/calendar/getSchedule", "free-busy"],
  ["/beta/users/anna@contoso.com/calendar/getSchedule", "free-busy"],
  ["/v1.0/users/anna%40contoso.com/calendar/getschedule?$select=x", "free-busy"],
  ["/V1.0/Users/ANNA/Calendar/GETSCHEDULE/", "free-busy"],
  ["/v1.0/users('anna@contoso.com')/calendar/microsoft.graph.getSchedule", "free-busy"],
  ["/v1.0//me/calendar/getSchedule()", "free-busy"],
  ["https://graph.microsoft.com/v1.0/me/calendar/getSchedule", "free-busy"],
  [`/v1.0/users/${id}/getMailTips`, "mail-tips"],
  ["/beta/me/getMailTips", "mail-tips"],
  [`/v1.0/users/${id}/mailboxSettings`, "mailbox-settings"],
  ["/v1.0/me/mailboxSettings/automaticRepliesSetting", "mailbox-settings"],
  [`/v1.0/users/${id}/photo/$value`, "photo"],
  [`/v1.0/users/${id}/photo/%24value`, "photo"],
  ["/beta/me/photos/48x48/$value", "photo"],
  ["/v1.0/me/photo", "photo"],
  ["/v1.0/$batch", "batch"],
  ["/beta/%24batch", "batch"],
  // A person, folder or group of such a name decides nothing.
  ["/v1.0/users/getSchedule", "unknown"],
  ["/v1.0/users/photo", "unknown"],
  ["/v1.0/users/photo/messages", "unknown"],
  ["/v1.0/users/mailboxSettings/events", "unknown"],
  ["/v1.0/users/x/drive/root/photo", "unknown"],
  [`/v1.0/groups/${id}/photo/$value`, "unknown"],
  ["/v1.0/me/messages", "unknown"],
  ["/v1.0/$metadata", "unknown"],
  ["/me/calendar/getSchedule", "unknown"],
  ["/v1.0/me/%E0%A4%A/getMailTips", "mail-tips"],
  ["/", "unknown"],
  ["", "unknown"],
])("%s is %s", (path, family) => {
  expect(graphFamilyOf(path)).toBe(family);
});

test.each<[string, GraphFamily]>([
  ["/users/anna@contoso.com/calendar/getSchedule", "free-busy"],
  ["me/photo/$value", "photo"],
  ["/me/mailboxSettings?$select=timeZone", "mailbox-settings"],
  ["/$batch", "unknown"],
  ["/groups/x/events", "unknown"],
])("%s inside a batch is %s", (url, family) => {
  expect(batchedFamilyOf(url)).toBe(family);
});

test("a long path costs no more than a short one", () => {
  const path = `/v1.0/users/${"a/".repeat(500_000)}getSchedule`;
  const before = performance.now();
  expect(graphFamilyOf(path)).toBe("unknown");
  expect(performance.now() - before).toBeLessThan(200);
});
