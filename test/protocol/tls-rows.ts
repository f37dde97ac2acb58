import { type ProtocolRow, section } from "./protocol-row.ts";

const hello = "proxy/interception/client-hello";
const program = "proxy/interception/tls-program";
const distrust = "proxy/interception/distrust";
const leaving = "proxy/interception/leaving-clients";
const records = "proxy/interception/record-watch";
const prints = "programs have different fingerprints, connections of one program the same, resumed or not";

export const tlsRows: readonly ProtocolRow[] = [
  ...section("TLS of clients", [
    [
      "P",
      "RFC 8446 5.1: a ClientHello may span records",
      hello,
      "a hello in records of 50 bytes is the same hello",
      [hello, "const recordLimit = 64;", "const recordLimit = 1;"],
    ],
    [
      "P",
      "RFC 8701: GREASE values change from connection to connection and say nothing of the program",
      hello,
      prints,
      [hello, "ciphers: withoutGrease(ciphers)", "ciphers"],
    ],
    [
      "W",
      "Chromium permutes the extensions of its ClientHello",
      hello,
      prints,
      [program, ".sort((one, other) => one - other)", ""],
    ],
    [
      "W",
      "a resumed connection adds pre_shared_key to the ClientHello of Java and .NET",
      hello,
      prints,
      [program, "new Set([0, 21, 35, 41,", "new Set([0, 21, 35,"],
    ],
    [
      "P",
      "RFC 7301: a client that lists no http/1.1 cannot be served HTTP/1.1",
      distrust,
      "a client that offers HTTP/2 only is served from its first call on, unread and named",
      ["proxy/interception/client-outcomes", '!alpn.includes("http/1.1")', "false"],
    ],
    [
      "W",
      "Node and java.net.http refuse a certificate by leaving before their Finished, without an alert",
      distrust,
      "Node without the CA leaves before its Finished, is named and served from the fourth call on",
      ["proxy/connections/auto-passthrough", 'failure.cause === "left-in-handshake" || ', ""],
    ],
    [
      "W",
      ".NET on Linux refuses a certificate after its Finished, by the end of TCP alone",
      distrust,
      "is named each time, and never passed, when that is wanted",
      ["proxy/interception/terminate-tls", "? null : silentLeave", "? null : null"],
    ],
    [
      "P",
      "RFC 8446 6.1: close_notify is the orderly end of a connection",
      leaving,
      "an orderly end after the handshake is a health check, however often it comes",
      ["proxy/interception/terminate-tls", "endedWithHandshake || client.bytesRead > bytesAtFinished", "false"],
    ],
    [
      "P",
      "RFC 8446 5.2: in TLS 1.3 the client's Finished is a record of application data",
      records,
      "TLSv1.3",
      [records, "if (hasFinished && left", "if (left"],
    ],
    [
      "P",
      "RFC 8446 6.1: in TLS 1.3 an alert is a record of application data",
      records,
      "TLSv1.3",
      [records, " && left !== alertLength", ""],
    ],
  ]),
];
