import { describe, expect, test } from "vitest";
import { onlyPublicWords } from "../../../src/sanitising/public-words.ts";
import { connectionError } from "../../../src/sources/values/connection-error.ts";

// Texts of mitmproxy 8 to 11 (proxy/server.py, proxy/layers/tls.py, proxy/layers/http, flow.py), of the system below it (errno of
// Linux and macOS, Winsock) and of OpenSSL, as mitmproxy puts them into `error.msg` of a flow and `_error` of a HAR.
const texts: readonly (readonly [string, string])[] = [
  ["[Errno 111] Connect call failed ('192.0.2.10', 443)", "the connection was refused"],
  ["[Errno 61] Connect call failed ('192.0.2.10', 443)", "the connection was refused"],
  [
    "[WinError 10061] No connection could be made because the target machine actively refused it",
    "the connection was refused",
  ],
  ["[Errno -2] Name or service not known", "the name has no address"],
  ["[Errno -3] Temporary failure in name resolution", "the name has no address"],
  ["[Errno 11001] getaddrinfo failed", "the name has no address"],
  ["[Errno 8] nodename nor servname provided, or not known", "the name has no address"],
  ["[Errno 110] Connect call failed ('192.0.2.10', 443)", "the connection timed out"],
  ["TimeoutError: connection timed out", "the connection timed out"],
  ["[Errno 113] Connect call failed ('192.0.2.10', 443)", "the network or host cannot be reached"],
  ["[Errno 101] Network is unreachable", "the network or host cannot be reached"],
  ["[Errno 104] Connection reset by peer", "the connection was reset"],
  [
    "Certificate verify failed: unable to get local issuer certificate",
    "the proxy does not trust the certificate of the server",
  ],
  [
    "Certificate verify failed: self-signed certificate in certificate chain",
    "the proxy does not trust the certificate of the server",
  ],
  ["Certificate verify failed: hostname mismatch", "the proxy does not trust the certificate of the server"],
  ["The remote server does not speak TLS.", "the server does not speak TLS on this port"],
  [
    "TLS handshake failed: OpenSSL Error([('SSL routines', '', 'sslv3 alert handshake failure')])",
    "the TLS handshake failed",
  ],
  ["connection closed during TLS handshake", "the TLS handshake failed"],
  [
    "The client does not trust the proxy's certificate for mail.contoso.com (OpenSSL Error([]))",
    "the client does not trust the certificate of the proxy",
  ],
  ["Client disconnected.", "the client closed the connection"],
  ["server closed connection", "the server closed the connection"],
  ["peer closed connection", "the server closed the connection"],
  ["Connection killed.", "the connection was ended in the proxy"],
  ["HTTP/2 protocol error: Invalid input StreamInputs.RECV_HEADERS in state 5", "a message is not correct HTTP"],
];

test.each(texts)("%s", (text, words) => {
  expect(connectionError(text)).toBe(words);
});

test("the reason behind a failed check of the certificate may be any", () => {
  const text = "Certificate verify failed: certificate is not yet valid";
  expect(connectionError(text)).toBe("the proxy does not trust the certificate of the server");
});

test("the words of a refusal may be translated", () => {
  const german =
    "[WinError 10061] Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte";
  expect(connectionError(german)).toBe("the connection was refused");
});

test.each([
  "[WinError 11001] Der angegebene Host ist unbekannt",
  "[Errno -2] Nom ou service inconnu",
  "[Errno -3] Échec temporaire dans la résolution du nom",
])("the words of a name without an address may be translated: %s", (text) => {
  expect(connectionError(text)).toBe("the name has no address");
});

describe("the words are of this program", () => {
  test("an unknown text gives none", () => {
    expect(connectionError("Authorization: Bearer abc")).toBe(null);
    expect(connectionError("")).toBe(null);
  });

  test("nothing of a hostile text is in them, and a safe copy keeps them", () => {
    for (const [text, words] of texts) {
      expect(connectionError(`\u001b[2J${text}\u001b]0;S3cret\u0007`)).toBe(words);
      expect(onlyPublicWords(`${words}, as mitmproxy recorded`)).toBe(`${words}, as mitmproxy recorded`);
    }
  });
});
