import { expect, test } from "vitest";
import { handshakePresentedAt, notePresented, startTokenIndex } from "../../src/handshake/token-index.ts";

test("one record for each token, made when it is first asked for", () => {
  const tokens = startTokenIndex();
  expect(tokens.find("a")).toBeUndefined();
  const record = tokens.at("a");
  expect(tokens.at("a")).toBe(record);
  expect(tokens.find("a")).toBe(record);
  expect(handshakePresentedAt(record, "")).toBeNull();
  expect(handshakePresentedAt(undefined, "mail.contoso.com")).toBeNull();
});

test("a token is known at each server that it was presented to, by its last handshake there", () => {
  const record = startTokenIndex().at("a");
  notePresented(record, "one", "h1");
  notePresented(record, "two", "h2");
  notePresented(record, "one", "h3");
  notePresented(record, "one", "h4");
  expect(["one", "two", "three"].map((server) => handshakePresentedAt(record, server))).toEqual(["h4", "h2", null]);
});

test("a token that is shown to any number of servers is remembered at few", () => {
  const record = startTokenIndex().at("a");
  for (let server = 0; server < 1_000; server += 1) notePresented(record, `s${server}`, "h1");
  expect(record.elsewhere?.size).toBe(16);
  notePresented(record, "s3", "h2");
  notePresented(record, "last", "h3");
  expect(handshakePresentedAt(record, "s3")).toBe("h2");
  expect(handshakePresentedAt(record, "s500")).toBeNull();
});
