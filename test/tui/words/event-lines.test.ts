import { expect, test } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { renderEventLine } from "../../../src/tui/words/plain-text.ts";

const at = Date.UTC(2026, 10, 30, 8, 0, 59);
const place = { client: "10.0.0.9", host: "mail.contoso.com", port: 443 };
const probes = { kind: "probes", at, since: at - 59_000, ...place, connects: 60, handshakes: 0 } as const;
const left = {
  kind: "tls-rejected",
  at,
  ...place,
  side: "client",
  cause: "left-in-handshake",
  reason: "the client left during the TLS handshake (ECONNRESET)",
} as const;

function wordsOf(event: CaptureEvent): string {
  return (renderEventLine(event) ?? "").replace(/^\S+\s+/, "");
}

test.each([
  [probes, "health checks: 60 connections without a request from 10.0.0.9 to mail.contoso.com:443 in 59 s"],
  [
    { ...probes, connects: 1, handshakes: 2 },
    "health checks: 3 connections without a request from 10.0.0.9 to mail.contoso.com:443 in 59 s (2 with TLS)",
  ],
  [
    { ...probes, client: "", connects: 1, since: at },
    "health checks: 1 connection without a request from clients that left at once to mail.contoso.com:443",
  ],
] as const)("health checks are one line: %#", (event, words) => {
  expect(wordsOf(event)).toBe(words);
});

test("a failed handshake names the client, its program and the target, and never a refused certificate without an alert", () => {
  expect(wordsOf(left)).toBe(
    "TLS failed: the client 10.0.0.9 of mail.contoso.com:443: the client left during the TLS handshake (ECONNRESET)",
  );
  expect(wordsOf({ ...left, hello: { fingerprint: "0123456789abcdef", program: "java" } })).toContain(
    "10.0.0.9 (looks like Java) of",
  );
  expect(wordsOf({ ...left, side: "upstream", port: 9009, reason: "the target left during the TLS handshake" })).toBe(
    "TLS failed: mail.contoso.com:9009: the target left during the TLS handshake",
  );
});

test("text of a foreign journal reaches no terminal as it is", () => {
  const line = renderEventLine({ ...probes, client: "\u001b[2J10.0.0.9", host: "a\nb" });
  for (const control of ["\u001b", "\n"]) expect(line).not.toContain(control);
});
