// A call may only be taken for one of a known frame when nothing differs that the frame tells.
import { expect, test } from "vitest";
import { startPacking } from "../../../src/app/reading/pack-events.ts";
import { startUnpacking } from "../../../src/app/reading/unpack-events.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import type { TransactionFacts } from "../../../src/decoders/facts.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

interface Call {
  readonly transaction: HttpTransaction;
  readonly facts: TransactionFacts;
}

async function calls(path: string): Promise<readonly Call[]> {
  const found: Call[] = [];
  for await (const event of (await openCapture(path)).events)
    if (event.kind === "transaction")
      found.push({ transaction: event.transaction, facts: decodeTransaction(event.transaction) });
  return found;
}

/** How many frames cross for these calls. */
function framesOf(given: readonly Call[]): number {
  const packing = startPacking();
  for (const { transaction, facts } of given) packing.add({ event: { kind: "transaction", transaction }, facts });
  return JSON.parse(packing.take().text).frames.length;
}

/** Copies of a call that differ in one thing that a frame tells. */
function* variants({ transaction, facts }: Call): Generator<Call> {
  const { request, response } = transaction;
  const of = (changed: Partial<HttpTransaction>): Call => ({ transaction: { ...transaction, ...changed }, facts });
  yield of({ scheme: "http" });
  yield of({ host: "other" });
  yield of({ port: 1 });
  yield of({ failure: "gone" });
  yield of({ request: { ...request, method: "X" } });
  yield of({ request: { ...request, version: "X" } });
  yield of({ request: { ...request, headers: [...request.headers, ["host", "another"]] } });
  yield of({ request: { ...request, headers: request.headers.filter(([name]) => !/^host$/i.test(name)) } });
  yield of({ request: { ...request, body: { ...request.body, truncated: true } } });
  yield of({ request: { ...request, body: { ...request.body, contentCoding: "x" } } });
  if (response !== null) {
    yield of({ response: null });
    yield of({ response: { ...response, version: "X" } });
    yield of({ response: { ...response, status: 299 } });
    yield of({ response: { ...response, reason: "X" } });
    yield of({ response: { ...response, headers: [...response.headers, ["X-FEServer", "EX99"]] } });
    yield of({ response: { ...response, body: { ...response.body, truncated: true } } });
    yield of({ response: { ...response, body: { ...response.body, contentCoding: "x" } } });
    yield of({ response: { ...response, interim: [103] } });
  }
  const said = (changed: Partial<TransactionFacts>): Call => ({ transaction, facts: { ...facts, ...changed } });
  yield said({ endpoint: facts.endpoint === "oab" ? "ews" : "oab" });
  yield said({ authorization: { scheme: "other", name: "x" } });
  yield said({ authorization: { scheme: "basic", isDecodable: true, user: "x", domain: "y" } });
  yield said({ challenges: [...facts.challenges, { scheme: "X", params: new Map(), token68: "" }] });
  const [clientId, realm] = ["x", "y"];
  const none = { trustedIssuers: [], authorizationUri: "", error: "", issuerKind: "", demanded: null };
  yield said({ bearerChallenge: { clientId, realm, ...none, tokenTypes: ["x"] } });
  yield said({ diagnostics: { code: "1", category: "x", reason: "x", cause: "unknown" } });
  yield said({ tokenAnswer: { isIssued: false, tokenType: "x", expiresInSeconds: 1, error: "x", errorCode: "y" } });
  yield said({ ntlmSent: { type: "kerberos", isNtlm: false } });
  yield said({ ntlmReceived: { type: "kerberos", isNtlm: false } });
  yield said({ userAgent: "x" });
  yield said({ isCloudUserAgent: !facts.isCloudUserAgent });
  yield said({ federation: facts.federation === null ? "ws-security" : null });
  yield said({ policyReason: "x" });
  yield said({ operation: { name: "X", folders: ["inbox"], sign: null } });
  yield said({ operation: { name: "X", folders: ["inbox", "drafts"], sign: null } });
  yield said({ soapAnswer: { isError: true, code: "ErrorX" } });
  yield said({ graph: { family: "photo", error: null, itemErrors: [], batch: [] } });
  yield said({ graph: { family: "free-busy", error: null, itemErrors: ["5009"], batch: [] } });
  yield said({ exchangeVersion: "99.1" });
  yield said({ problems: ["x"] });
  yield said({ otherCredentials: [{ field: "authorization", scheme: "basic", isPassword: true }] });
}

test("whatever a frame tells makes another frame, and nothing else does", async () => {
  const [first] = (await calls("captures/trust-works.ndjson")).filter(({ facts }) => facts.tokens.length > 0);
  if (first === undefined) throw new Error("the capture shows a token");
  const copy = structuredClone(first);
  const later = { ...copy, transaction: { ...copy.transaction, id: "t99", startedAt: 1, durationMs: 2 } };
  expect(framesOf([first, first, copy, later])).toBe(1);
  const all = [...variants(first)];
  expect(all.length).toBeGreaterThan(30);
  for (const [index, variant] of all.entries())
    expect([index, framesOf([first, variant, first, variant])]).toEqual([index, 2]);
  // Each against each: so many that the first ones are compared no more, and must still not be told twice.
  expect(framesOf([first, ...all, first, ...all])).toBe(all.length + 1);
});

test("frames that were forgotten are told anew", () => {
  const packing = startPacking();
  const unpack = startUnpacking();
  const facts = decodeTransaction(transactionTo("a"));
  for (let round = 0; round < 40; round += 1) {
    const hosts = ["always", ...Array.from({ length: 40 }, (_, index) => `host${round}-${index}`), "always"];
    for (const host of hosts) packing.add({ event: { kind: "transaction", transaction: transactionTo(host) }, facts });
    const told = unpack(packing.take());
    expect(told.map(({ event }) => event.kind === "transaction" && event.transaction.host)).toEqual(hosts);
  }
});

function transactionTo(host: string): HttpTransaction {
  const body = { bytes: new Uint8Array(0), totalBytes: 0, truncated: false, contentCoding: null };
  const request = { method: "GET", target: "/", version: "HTTP/1.1", headers: [], trailers: [], body };
  const sent = { id: "t1", connection: "c1", client: "", startedAt: 0, durationMs: null, failure: null } as const;
  return { ...sent, scheme: "https", host, port: 443, request, response: null };
}
