import { expect, test } from "vitest";
import { readFailedConnect } from "../../../src/sources/json/har-connect.ts";

const entry = (url: string, error: string, status = 0) => ({
  startedDateTime: "2025-11-30T11:00:00.000Z",
  request: { method: "CONNECT", url },
  response: { status, _error: error },
});
const at = Date.parse("2025-11-30T11:00:00.000Z");

test.each([
  // mitmproxy/mitmproxy#6579
  [
    "https:///",
    "Client TLS handshake failed. The client does not trust the proxy certificate for mail.contoso.com",
    {
      kind: "tls-rejected",
      side: "client",
      host: "mail.contoso.com",
      reason: expect.stringMatching(/^the client does not trust/),
    },
  ],
  [
    "https://Mail.contoso.com:443",
    "Client TLS handshake failed. x",
    { kind: "tls-rejected", side: "client", host: "mail.contoso.com" },
  ],
  ["mail.contoso.com:443", "Certificate verify failed: self signed", { kind: "tls-rejected", side: "upstream" }],
  [
    "https://a.example:8443",
    "[Errno 110] Connect call failed",
    { kind: "upstream-failed", host: "a.example", port: 8443, reason: "the connection timed out" },
  ],
  ["https://a.example:443", "[Errno 111] Connection refused", { reason: "the connection was refused" }],
  ["https://a.example:443", "[Errno -2] Name or service not known", { reason: "the name has no address" }],
  ["https://a.example:443", "boom s3cret", { reason: "the connection failed" }],
])("%s, %s", (url, error, event) => {
  expect(readFailedConnect(entry(url, error), 5)).toMatchObject({ at, ...event });
  expect(JSON.stringify(readFailedConnect(entry(url, error), 5))).not.toContain("s3cret");
});

test("an entry of this program keeps the events that it holds", () => {
  const own = entry("https://a.example", "the capture has no request");
  expect(readFailedConnect({ ...own, _eventsOnly: true }, 5)).toBeNull();
  expect(readFailedConnect({ ...own, _unfinished: true }, 5)).toBeNull();
});

test("other entries are none", () => {
  expect(readFailedConnect(entry("https://a.example", "", 200), 5)).toBeNull();
  expect(readFailedConnect(entry("https:///", "no host here"), 5)).toBeNull();
  expect(
    readFailedConnect({ ...entry("https://a.example", "x"), request: { method: "GET", url: "https://a.example" } }, 5),
  ).toBeNull();
});
