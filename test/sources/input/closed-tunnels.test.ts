import { expect, test } from "vitest";
import { closedMark, countClosed } from "../../../src/sources/input/closed-tunnels.ts";

test("tunnels are counted and their hosts named, at most eight", () => {
  const tunnels = countClosed("tunnels (CONNECT)");
  expect(tunnels.text()).toBeNull();
  tunnels.note("Mail.contoso.com");
  expect(tunnels.text()).toBe(`${closedMark}1 tunnel (CONNECT) to mail.contoso.com`);
  for (let at = 0; at < 20; at++) tunnels.note(`h${at % 9}.example`);
  expect(tunnels.text()).toMatch(
    /21 tunnels \(CONNECT\) to mail\.contoso\.com, h0\.example, .*h6\.example and others$/,
  );
});

test("TLS connections", () => {
  const connections = countClosed("TLS connections");
  connections.note("a.example");
  connections.note("a.example");
  expect(connections.text()).toBe(`${closedMark}2 TLS connections to a.example`);
});
