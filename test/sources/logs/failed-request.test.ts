// Members of a trace: "Troubleshooting failed requests using tracing" (learn.microsoft.com/iis) and the events of the provider
// "WWW Server".
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { CompactSign } from "jose";
import { expect, test } from "vitest";
import { type HttpTransaction, onlyStatusRecorded } from "../../../src/core/http-transaction.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import { onlyPublicWords } from "../../../src/sanitising/public-words.ts";
import { kindOfFile } from "../../../src/sources/input/capture-kind.ts";
import { startVerification } from "../../../src/verification/verify-signatures.ts";
import { actorClaims } from "../../decoders/token-maker.ts";
import { rawToken } from "../../server-logs/records/event-texts.ts";
import { judgeTogether } from "../../support/judge-file.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";
import { folderOf, type ReadResult, readFiles } from "./log-maker.ts";
import { traceText, usualRequest } from "./trace-maker.ts";

async function readTraces(
  contents: readonly (string | Uint8Array)[],
): Promise<ReadResult & { readonly transactions: readonly HttpTransaction[] }> {
  const names = contents.map((_, index) => `W3SVC1/fr${String(index + 1).padStart(6, "0")}.xml`);
  const folder = folderOf(Object.fromEntries(contents.map((content, index) => [names[index] ?? "", content])));
  const read = await readFiles(names.map((name) => join(folder, name)));
  const transactions = read.events.flatMap((event) => (event.kind === "transaction" ? [event.transaction] : []));
  return { ...read, transactions };
}

async function readOne(content: string | Uint8Array): Promise<HttpTransaction> {
  const { transactions, problems } = await readTraces([content]);
  expect(problems).toEqual([]);
  const [transaction] = transactions;
  if (transaction === undefined) throw new Error("no transaction");
  return transaction;
}

const bearer =
  'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@contoso.example"';
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

test("a 401 with its heads, without bodies", async () => {
  const read = await readOne(
    traceText({
      requestHead: [
        ...usualRequest.filter((line) => !line.startsWith("Content-Length")),
        "Content-Length: 512",
        "Authorization: Bearer ",
      ],
      responseHead: [
        "Content-Length: 1293",
        `WWW-Authenticate: ${bearer}`,
        "WWW-Authenticate: Negotiate",
        'x-ms-diagnostics: 2000003;reason="a; b"',
      ],
      statusCode: "401.1",
    }),
  );
  expect(read).toMatchObject({
    id: "t1",
    connection: "c1610612745",
    client: "192.0.2.7:50123",
    startedAt: Date.UTC(2026, 10, 30, 8, 15, 30, 123),
    durationMs: 15,
    scheme: "https",
    host: "mail.contoso.example",
    port: 443,
    failure: null,
    request: { method: "POST", target: "/EWS/Exchange.asmx" },
    response: { status: 401 },
  });
  expect(read.request.headers).toContainEqual(["Authorization", "Bearer"]);
  expect(read.response?.headers).toEqual([
    ["Content-Length", "1293"],
    ["WWW-Authenticate", bearer],
    ["WWW-Authenticate", "Negotiate"],
    ["x-ms-diagnostics", '2000003;reason="a; b"'],
  ]);
  // Bodies that the trace does not hold are lost, not empty.
  expect(read.request.body).toMatchObject({ totalBytes: 512, truncated: true });
  expect(read.response?.body).toMatchObject({ totalBytes: 1293, truncated: true });
});

test("bodies in several buffers are joined, and one that is cut is truncated", async () => {
  const envelope = "<s:Envelope>&amp; Grüße</s:Envelope>";
  const length = Buffer.byteLength(envelope);
  const whole = await readOne(
    traceText({
      requestHead: [`Content-Length: ${length}`, "Host: mail.contoso.example"],
      requestBody: [envelope.slice(0, 9), envelope.slice(9)],
      responseHead: ["Content-Length: 100"],
      responseBody: ["<a/>"],
    }),
  );
  expect(text(whole.request.body.bytes)).toBe(envelope);
  expect(whole.request.body).toMatchObject({ totalBytes: length, truncated: false });
  expect(text(whole.response?.body.bytes)).toBe("<a/>");
  expect(whole.response?.body).toMatchObject({ totalBytes: 100, truncated: true });
});

test("a packed body does not survive as text: it is lost", async () => {
  const read = await readOne(
    traceText({
      responseHead: ["Content-Encoding: gzip"],
      responseBody: ["\ufffd\ufffd\ufffdgarbage"],
    }),
  );
  expect(read.response?.body).toMatchObject({ totalBytes: null, truncated: true, bytes: new Uint8Array(0) });
});

test.each([
  ["UTF-8 with a mark", (content: string) => Buffer.from(`\ufeff${content}`)],
  ["UTF-16LE", (content: string) => Buffer.from(`\ufeff${content}`, "utf16le")],
  ["UTF-16BE", (content: string) => Buffer.from(`\ufeff${content}`, "utf16le").swap16()],
] as const)("a trace in %s", async (_, encode) => {
  expect(await readOne(encode(traceText({ statusCode: "200" })))).toMatchObject({ response: { status: 200 } });
});

test("the token of a trace is the one that was sent: its signature is verified with the key of its signer", async () => {
  const made = buildTestCertificate({ hosts: ["sts.test"] });
  const certificate = new X509Certificate(made.cert);
  const x5t = createHash("sha1").update(certificate.raw).digest("base64url");
  const claims = new TextEncoder().encode(JSON.stringify(actorClaims));
  const token = await new CompactSign(claims)
    .setProtectedHeader({ typ: "JWT", alg: "RS256", x5t })
    .sign(createPrivateKey(made.key));
  const { transactions, reports } = await readTraces([
    traceText({ statusCode: "200", requestHead: [...usualRequest, `Authorization: Bearer ${token}`] }),
  ]);
  const [transaction] = transactions;
  if (transaction === undefined) throw new Error("no transaction");
  const verifier = startVerification({ authCertificates: [certificate.raw] } as Parameters<
    typeof startVerification
  >[0]);
  const { scheme, host } = transaction;
  const checks = await verifier.accept("t1", decodeTransaction(transaction), { scheme, host });
  expect(checks).toMatchObject([{ outcome: "verified", keyId: x5t }]);
  // What shows that the file holds the token as it was sent.
  expect(reports).toMatchObject([{ log: "failed-request", kept: 1, server: "EX1" }]);
});

test("fifty traces are one capture in the order of time, whatever their names", async () => {
  const minutes = Array.from({ length: 50 }, (_, index) => (index * 7) % 50);
  const { transactions, reports, problems } = await readTraces(
    minutes.map((minute) =>
      traceText({ at: `2026-11-30T08:${String(minute).padStart(2, "0")}:00.000Z`, timeTaken: 3 }),
    ),
  );
  expect(problems).toEqual([]);
  expect(transactions.map(({ id }) => id)).toEqual(minutes.map((_, index) => `t${index + 1}`));
  expect(transactions.map(({ startedAt }) => new Date(startedAt).getUTCMinutes())).toEqual(
    minutes.map((_, index) => index),
  );
  expect(reports).toHaveLength(50);
});

test("everything that judges traffic works on traces", async () => {
  const challenge = [`WWW-Authenticate: ${bearer}`, "Content-Length: 0"];
  const agent = "User-Agent: MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+";
  const head = ["Host: mail.contoso.example", agent, "Content-Length: 0"];
  const folder = folderOf({
    "fr000002.xml": traceText({
      at: "2026-11-30T08:00:05.000Z",
      requestHead: [...head, `Authorization: Basic ${Buffer.from("contoso\\svc:secret").toString("base64")}`],
      responseHead: challenge,
    }),
    "fr000001.xml": traceText({
      requestHead: [...head, "Authorization: Bearer "],
      at: "2026-11-30T08:00:00.000Z",
      responseHead: challenge,
    }),
  });
  const { analysis, summaries } = await judgeTogether(
    ["fr000002.xml", "fr000001.xml"].map((name) => join(folder, name)),
  );
  expect(analysis.counts).toMatchObject({ transactions: 2, bearerProbes: 1, basicCredentials: 1, status401: 2 });
  expect(analysis.verdict).toBe("basic-fallback");
  expect(summaries).toMatchObject([{ format: "failed-request", files: 2, transactions: 2, path: folder }]);
});

test("a probe that is traced alone does not say that no token followed: the call after it succeeded, perhaps", async () => {
  const agent = "User-Agent: MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+";
  const probe = traceText({
    requestHead: ["Host: mail.contoso.example", agent, "Content-Length: 0", "Authorization: Bearer "],
    responseHead: [`WWW-Authenticate: ${bearer}`, "Content-Length: 0"],
  });
  const { analysis } = await judgeTogether([join(folderOf({ "fr000001.xml": probe }), "fr000001.xml")]);
  expect(analysis.counts).toMatchObject({ transactions: 1, bearerProbes: 1 });
  expect(analysis.findings.map(({ code }) => code)).not.toContain("TOKEN_DID_NOT_FOLLOW");
  expect(analysis.verdict).toBe("inconclusive");
});

test.each([
  ["the answer's head is missing", { responseHead: null }, null, /^only the status of the answer was recorded: 401$/],
  ["a success without its head", { responseHead: null, statusCode: "200" }, 200, null],
  ["no status", { statusCode: "" }, null, /no answer was recorded/],
] as const)("%s", async (_, trace, status, failure) => {
  const read = await readOne(traceText(trace));
  expect(read.response?.status ?? null).toBe(status);
  if (failure === null) expect(read.failure).toBeNull();
  else expect(read.failure).toMatch(failure);
});

test("a call whose answer is traced by its status alone was answered", async () => {
  const agent = "User-Agent: MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+";
  const requestHead = ["Host: mail.contoso.example", agent, `Authorization: Bearer ${rawToken}`];
  const codesOf = async (statusCode: string): Promise<readonly string[]> => {
    const folder = folderOf({ "fr000001.xml": traceText({ requestHead, responseHead: null, statusCode }) });
    return (await judgeTogether([join(folder, "fr000001.xml")])).analysis.findings.map(({ code }) => code);
  };
  expect(await codesOf("401.1")).not.toContain("CALL_UNANSWERED");
  expect(await codesOf("401.1")).not.toContain("CHALLENGE_MISSING");
  expect(await codesOf("")).toContain("CALL_UNANSWERED");
  // A safe copy keeps the words.
  expect(onlyPublicWords(`${onlyStatusRecorded}: 401`)).toBe(`${onlyStatusRecorded}: 401`);
});

test("a cut trace gives what is before the cut, and says so", async () => {
  const whole = traceText({});
  const { transactions, problems } = await readTraces([whole.slice(0, whole.indexOf("AUTH_START"))]);
  expect(transactions).toMatchObject([{ request: { method: "POST" }, response: null }]);
  expect(problems).toEqual([expect.stringContaining("ends too early")]);
});

test.each([
  ["no request head", traceText({ requestHead: null }), /GENERAL_REQUEST_HEADERS.*Verbose/],
  ["no address", traceText({ url: "ftp://x/" }), /its url cannot be read/],
  ["a cut start", traceText({}).slice(0, 300), /<failedRequest> cannot be read/],
])("a trace with %s is skipped with a reason", async (_, content, reason) => {
  const names = ["fr000001.xml", "fr000002.xml"];
  const folder = folderOf({ "fr000001.xml": content, "fr000002.xml": traceText({}) });
  const read = await readFiles(names.map((name) => join(folder, name)));
  const transactions = read.events.filter(({ kind }) => kind === "transaction");
  expect(transactions).toHaveLength(1);
  expect(read.problems.join("\n")).toMatch(reason);
});

test("a file with a document type is not a trace", () => {
  const folder = folderOf({
    "fr000001.xml": `<?xml version="1.0"?><!DOCTYPE failedRequest [<!ENTITY a "x">]>${traceText({}).replace(/^.*?<failedRequest/s, "<failedRequest")}`,
  });
  expect(kindOfFile(join(folder, "fr000001.xml"))).toBeNull();
});

test("a trace without the names of operations is read by its heads", async () => {
  const read = await readOne(traceText({}).replace(/<RenderingInfo.*?<\/RenderingInfo>/gs, ""));
  expect(read.request.headers).toContainEqual(["Host", "mail.contoso.example"]);
  expect(read.response?.headers).toEqual([["Server", "Microsoft-IIS/10.0"]]);
});

test("entities are not expanded", async () => {
  const bomb = traceText({ requestHead: ["Host: mail.contoso.example", "X-A: &lol9;"] }).replaceAll(
    "&amp;lol9;",
    "&lol9;",
  );
  expect((await readOne(bomb)).request.headers).toContainEqual(["X-A", "&lol9;"]);
});

test("hostile fields stay fields", async () => {
  const read = await readOne(
    traceText({
      requestHead: [
        ...usualRequest,
        "X-Text: </Data></EventData></Event></failedRequest>",
        "X-Formula: =cmd|' /C calc'!A1",
        "not a field",
      ],
      connection: "../../<b>7",
    }),
  );
  expect(read.request.headers).toContainEqual(["X-Text", "</Data></EventData></Event></failedRequest>"]);
  expect(read.request.headers.map(([name]) => name)).not.toContain("not a field");
  expect(read.connection).toBe("cb7");
});
