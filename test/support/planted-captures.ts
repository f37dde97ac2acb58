// Captures with a secret at every place, written by hand: by nothing that the product writes with.
import { zipSync } from "fflate";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { type Parts, transaction } from "../sanitising/transaction-maker.ts";
import { secretPlaces } from "./secret-places.ts";

export interface Planted {
  readonly place: string;
  readonly secret: string;
}

export interface PlantedFile {
  readonly bytes: Buffer;
  readonly planted: readonly Planted[];
}

export const requestId = (number: number): string => `0f0f0f0f-1111-4222-8333-${String(number).padStart(12, "0")}`;

const pairs = (headers: HttpTransaction["request"]["headers"]): object[] =>
  headers.map(([name, value]) => ({ name, value }));

function harEntry(parts: Parts, number: number): Record<string, unknown> {
  const { request, response } = transaction({
    ...parts,
    headers: [...(parts.headers ?? []), ["client-request-id", requestId(number)]],
    answerHeaders: [...(parts.answerHeaders ?? []), ["request-id", requestId(number + 1000)]],
  });
  const answer = Buffer.from(response?.body.bytes ?? []);
  return {
    startedDateTime: new Date(Date.UTC(2026, 0, 15, 12) + number * 1000).toISOString(),
    time: 12,
    request: {
      method: request.method,
      url: /^[a-z]+:\/\//.test(request.target) ? request.target : `https://mail.contoso.example${request.target}`,
      httpVersion: "HTTP/1.1",
      headers: pairs(request.headers),
      cookies: [],
      queryString: [],
      bodySize: request.body.bytes.length,
      headersSize: -1,
      _content: { text: Buffer.from(request.body.bytes).toString("base64"), encoding: "base64" },
    },
    response: {
      status: response?.status,
      statusText: "OK",
      httpVersion: "HTTP/1.1",
      headers: pairs(response?.headers ?? []),
      cookies: [],
      content: { size: answer.length, mimeType: "", text: answer.toString("base64"), encoding: "base64" },
      redirectURL: "",
      headersSize: -1,
      bodySize: answer.length,
    },
    cache: {},
    timings: { send: 0, wait: 12, receive: 0 },
  };
}

/** Distinct secrets, so that one that survives names its place. */
class Secrets {
  readonly planted: Planted[] = [];

  at(place: string): string {
    const secret = `Zq7-${String(this.planted.length).padStart(3, "0")}-Planted_K4w`;
    this.planted.push({ place, secret });
    return secret;
  }
}

/** Every place of a HAR file: those of the messages, and HAR's own copies and comments. */
export function plantedHar(): PlantedFile {
  const secrets = new Secrets();
  const names = Object.keys(secretPlaces(""));
  const entries = names.map((place, index) => {
    const parts = secretPlaces(secrets.at(place))[place];
    if (parts === undefined) throw new Error(place);
    return harEntry(parts, index);
  });
  const member = (place: string, make: (secret: string) => object): void => {
    const entry = harEntry({}, entries.length);
    const { request = {}, response = {}, ...beside } = make(secrets.at(`HAR ${place}`)) as Record<string, object>;
    entries.push({
      ...entry,
      ...beside,
      request: { ...(entry.request as object), ...request },
      response: { ...(entry.response as object), ...response },
    });
  };
  member("request cookies", (secret) => ({ request: { cookies: [{ name: "a", value: secret }] } }));
  member("response cookies", (secret) => ({ response: { cookies: [{ name: "a", value: secret }] } }));
  member("query string", (secret) => ({ request: { queryString: [{ name: "code", value: secret }] } }));
  member("redirect", (secret) => ({ response: { redirectURL: `https://contoso.example/#access_token=${secret}` } }));
  member("comment", (secret) => ({ comment: secret }));
  member("initiator", (secret) => ({
    _initiator: { url: `https://contoso.example/?sig=${secret}`, stack: { a: secret } },
  }));
  member("web socket", (secret) => ({ _webSocketMessages: [{ type: "send", data: secret }] }));
  member("error", (secret) => ({ _error: `net::ERR ${secret}` }));
  member("client", (secret) => ({ _client: `${secret}:1` }));
  member("id", (secret) => ({ _id: secret }));
  member("connection", (secret) => ({ _connection: secret }));
  member("event", (secret) => ({ _after: [{ k: "gap", at: 1, connection: "c1", reason: `lost ${secret}`, lost: 1 }] }));
  member("check", (secret) => ({
    _s2s: [{ transactionId: "t1", token: secret, outcome: "failed", keyId: `${secret}!` }],
  }));
  member("status text", (secret) => ({ response: { statusText: `OK ${secret}` } }));
  member("form fields", (secret) => ({
    request: {
      _content: undefined,
      postData: { mimeType: "application/x-www-form-urlencoded", params: [{ name: "client_secret", value: secret }] },
    },
  }));
  const repeated = secrets.at("a cookie that is repeated elsewhere, in every coding");
  for (const value of everyCoding(repeated)) {
    entries.push(
      harEntry(
        {
          headers: [
            ["Cookie", `sid=${repeated}`],
            ["User-Agent", `Client/1.0 (${value})`],
          ],
        },
        entries.length,
      ),
    );
  }
  const named = secrets.at("an account that is repeated in a reason");
  entries.push(
    harEntry(
      {
        headers: [["Authorization", `Basic ${Buffer.from(`CONTOSO\\${named}:pw-of-this-account`).toString("base64")}`]],
        answerHeaders: [
          [
            "x-ms-diagnostics",
            `2000005;reason="The user ${named.toUpperCase()} is unknown.";error_category="invalid_user"`,
          ],
        ],
      },
      entries.length,
    ),
  );
  const log = {
    version: "1.2",
    creator: { name: "x", version: "1", comment: secrets.at("HAR creator") },
    comment: secrets.at("HAR log comment"),
    pages: [{ id: "p", startedDateTime: "2026-01-15T12:00:00Z", title: secrets.at("HAR page title"), pageTimings: {} }],
    entries,
  };
  return { bytes: Buffer.from(JSON.stringify({ log })), planted: secrets.planted };
}

function everyCoding(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(secret, "utf16le");
  return [
    secret.toLowerCase(),
    ...["", "x", "xy"].map((before) => Buffer.from(`${before}${secret} after`).toString("base64")),
    ...["", "x", "xy"].map((before) => Buffer.from(`${before}${secret} after?>`).toString("base64url")),
    [...bytes].map((byte) => `%${byte.toString(16)}`).join(""),
    [...secret].map((letter) => `&#${letter.charCodeAt(0)};`).join(""),
    [...secret].map((letter) => `&#x${letter.charCodeAt(0).toString(16)};`).join(""),
    wide.toString("latin1"),
    wide.toString("base64"),
  ];
}

/** The places of a Fiddler archive: session flags, index, comment of the archive, members that no reader looks for. */
export function plantedSaz(): PlantedFile {
  const secrets = new Secrets();
  const flag = (name: string): string => `<SessionFlag N="${name}" V="${secrets.at(`SAZ ${name}`)}" />`;
  const metadata = `<?xml version="1.0"?><Session SID="1" BitFlags="0"><SessionTimers ClientBeginRequest="2026-01-15T12:00:00Z" ClientDoneResponse="2026-01-15T12:00:01Z" /><SessionFlags>${["x-clientip", "x-hostip", "x-processinfo", "x-realmscope-user", "ui-comments"].map(flag).join("")}</SessionFlags></Session>`;
  const password = Buffer.from(`svc:${secrets.at("SAZ password")}`).toString("base64");
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const files = {
    "[Content_Types].xml": text("<Types/>"),
    "_index.htm": text(`<html>${secrets.at("SAZ index")}</html>`),
    "raw/1_c.txt": text(
      `GET https://mail.contoso.example/EWS/ HTTP/1.1\r\nHost: mail.contoso.example\r\nAuthorization: Basic ${password}\r\nclient-request-id: ${requestId(1)}\r\n\r\n`,
    ),
    "raw/1_s.txt": text(
      `HTTP/1.1 401 Unauthorized\r\nSet-Cookie: a=${secrets.at("SAZ cookie")}\r\nrequest-id: ${requestId(1001)}\r\nContent-Length: 0\r\n\r\n`,
    ),
    "raw/1_m.xml": text(metadata),
    "raw/1_w.txt": text(secrets.at("SAZ web socket")),
  };
  const archive = Buffer.from(zipSync(files, { level: 0 }));
  // The comment of an archive stands at its end, after its length.
  const comment = Buffer.from(secrets.at("SAZ comment of the archive"));
  archive.writeUInt16LE(comment.length, archive.length - 2);
  return { bytes: Buffer.concat([archive, comment]), planted: secrets.planted };
}
