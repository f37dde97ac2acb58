// The kinds of errors that proxies record beside a call, in words of this program: the text of the file is hostile and stays there.
// Texts: mitmproxy (`mitmproxy/proxy/server.py`, `layers/tls.py`, `layers/http/`, `flow.py`), errno of Linux and macOS, Winsock codes.
const kinds: readonly (readonly [RegExp, string])[] = [
  [
    /does not trust the proxy|client.{0,40}certificate unknown/i,
    "the client does not trust the certificate of the proxy",
  ],
  [/does not speak TLS|wrong version number/i, "the server does not speak TLS on this port"],
  [
    /certificate verify|self[- ]signed|unable to get (?:local )?issuer|certificate has expired|hostname mismatch/i,
    "the proxy does not trust the certificate of the server",
  ],
  [/\btls\b|\bssl\b|handshake/i, "the TLS handshake failed"],
  [/refused|errno 111\b|errno 61\b|10061/i, "the connection was refused"],
  [/timed? ?out|errno 110\b|errno 60\b|10060/i, "the connection timed out"],
  [
    /name or service|name resolution|getaddrinfo|nodename|errno -[2-5]\b|1100[1-4]\b|no address|dns/i,
    "the name has no address",
  ],
  [/unreachable|no route|errno 113\b|errno 101\b|errno 65\b|10065|10051/i, "the network or host cannot be reached"],
  [/reset|broken pipe|errno 104\b|errno 54\b|errno 32\b|10054/i, "the connection was reset"],
  [/\bkilled\b/i, "the connection was ended in the proxy"],
  [/client.{0,20}(?:disconnect|closed)/i, "the client closed the connection"],
  [/(?:server|peer).{0,20}(?:disconnect|closed)|connection closed/i, "the server closed the connection"],
  [/protocol error|invalid (?:http|header|response|request)|malformed|too large/i, "a message is not correct HTTP"],
];

/** The kind of an error text, without anything of the text; null for an unknown kind. */
export function connectionError(text: string): string | null {
  const read = text.slice(0, 400);
  return kinds.find(([pattern]) => pattern.test(read))?.[1] ?? null;
}
