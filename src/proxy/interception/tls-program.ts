// What a ClientHello shows of the program that sent it.
import { createHash } from "node:crypto";
import type { ClientHelloFacts, TlsProgram } from "../../core/capture-event.ts";
import type { ClientHello } from "./client-hello.ts";

const renegotiationScsv = 0x00ff;
const tls13Suites = new Set([0x1301, 0x1302, 0x1303, 0x1304, 0x1305]);

/** TLS 1.2 suites of .NET on OpenSSL, which replaces OpenSSL's default: all of them, in this order. */
const dotnetSuites = "c02c-c02b-c030-c02f-c024-c023-c028-c027";
/** The beginning of Node's default (`tls.DEFAULT_CIPHERS`). */
const nodeSuites = "c02f-c02b-c030-c02c-9e-c027";
/** The beginning of Firefox's suites of TLS 1.3. */
const firefoxSuites = "1301-1303-1302";
/** The order in which Windows 10 and Server 2016 to 2025 prefer suites of TLS 1.2, as documented by Microsoft. */
const schannelSuites = "c02c-c02b-c030-c02f";

interface Traits {
  readonly hello: ClientHello;
  /** Suites of TLS 1.2 and older, without the signal for renegotiation. */
  readonly older: string;
  has(extension: number): boolean;
}

/**
 * In this order; a browser with GREASE is none of the later ones. Each trait was read in hellos of the program itself
 * (test/proxy/interception/hellos.ts); SChannel's are from what is published about it.
 */
const families: readonly (readonly [TlsProgram | null, (traits: Traits) => boolean])[] = [
  // application_settings, which no other browser sends.
  ["chromium", ({ hello, has }) => hello.hasGrease && (has(17_513) || has(17_613))],
  [null, ({ hello }) => hello.hasGrease],
  // delegated_credentials.
  ["firefox", ({ hello, has }) => has(34) && suites(hello.ciphers).startsWith(firefoxSuites)],
  // status_request_v2.
  ["java", ({ has }) => has(17)],
  // record_size_limit, and CCM suites.
  ["gnutls", ({ hello, has }) => has(28) && hello.ciphers.includes(0xc0ad)],
  ["go", ({ hello }) => endsWithModern(hello.ciphers)],
  ["dotnet-openssl", (traits) => isOpenssl(traits) && traits.older === dotnetSuites],
  ["node", (traits) => isOpenssl(traits) && traits.older.startsWith(nodeSuites)],
  ["openssl", isOpenssl],
  ["schannel", looksLikeSchannel],
];

function tlsProgramOf(hello: ClientHello): TlsProgram | null {
  const older = suites(hello.ciphers.filter((suite) => !tls13Suites.has(suite) && suite !== renegotiationScsv));
  const traits = { hello, older, has: (extension: number): boolean => hello.extensions.includes(extension) };
  return families.find(([, matches]) => matches(traits))?.[0] ?? null;
}

/** encrypt_then_mac, and the signal in place of renegotiation_info. */
function isOpenssl({ hello, has }: Traits): boolean {
  return has(22) && hello.ciphers.includes(renegotiationScsv);
}

/** Go lists the suites of TLS 1.3 after those of TLS 1.2. */
function endsWithModern(ciphers: readonly number[]): boolean {
  const first = ciphers.findIndex((suite) => tls13Suites.has(suite));
  return first > 0 && ciphers.slice(first).every((suite) => tls13Suites.has(suite));
}

/** It sends renegotiation_info, and offers the three curves of Windows and RSA with SHA-1 for signatures. */
function looksLikeSchannel({ hello, older }: Traits): boolean {
  const curves = new Set([0x001d, 0x0017, 0x0018]);
  return (
    older.startsWith(schannelSuites) &&
    hello.extensions.includes(0xff01) &&
    !hello.ciphers.includes(renegotiationScsv) &&
    hello.groups.length > 0 &&
    hello.groups.every((group) => curves.has(group)) &&
    hello.signatureAlgorithms.includes(0x0201)
  );
}

function suites(list: readonly number[]): string {
  return list.map((suite) => suite.toString(16)).join("-");
}

/**
 * Extensions whose presence depends on the name, on an earlier session, or on the length of the hello: server_name,
 * padding, session_ticket, pre_shared_key, early_data, cookie, psk_key_exchange_modes.
 */
const ofConnection = new Set([0, 21, 35, 41, 42, 44, 45]);

/** The fingerprint and the family of the program. Extensions are sorted, because Chromium permutes them. */
export function helloFacts(hello: ClientHello): ClientHelloFacts {
  const types = hello.extensions.filter((type) => !ofConnection.has(type)).sort((one, other) => one - other);
  const lists = [hello.ciphers, types, hello.groups, hello.signatureAlgorithms, hello.versions, hello.alpn ?? []];
  const text = [hello.legacyVersion, ...lists.map((list) => list.join("-"))].join(" ");
  const fingerprint = createHash("sha256").update(text, "latin1").digest("hex").slice(0, 16);
  return { fingerprint, program: tlsProgramOf(hello) };
}
