// The list of all decoders: read this file first. Decoders are independent and never throw: one that cannot read its part adds a
// line to `problems` and hides nothing of the others.

import { detachText } from "../../core/detach-text.ts";
import { type HttpTransaction, requestPath } from "../../core/http-transaction.ts";
import { memoize } from "../../core/memoize.ts";
import type { Applications } from "../../core/principals.ts";
import { isCloudUserAgent } from "../../core/well-known-clients.ts";
import { bodyText, readFormFields } from "../body-text.ts";
import type {
  Authorization,
  ChallengeScheme,
  Diagnostics,
  NtlmMessage,
  ServiceEndpoint,
  SoapAnswer,
  StsMetadata,
  TokenAnswer,
  TokenRequest,
  TransactionFacts,
} from "../facts.ts";
import { parseHttpDate } from "../http-date.ts";
import { type JsonObject, readJsonObject } from "../json-text.ts";
import { decodeNtlm } from "../tokens/ntlm.ts";
import {
  collectAnswerTokens,
  collectFormTokens,
  collectMemberTokens,
  collectQueryTokens,
  collectReadableTokens,
  type Sightings,
} from "../tokens/token-sightings.ts";
import { bearerChallengeOf, decodeChallenges } from "./bearer-challenge.ts";
import { decodeDiagnostics } from "./diagnostics.ts";
import { discoveryOf } from "./discovery.ts";
import { endpointOf, realmOfStsPath } from "./endpoint.ts";
import { pickRequestFields, pickResponseFields, type RequestFields, type ResponseFields } from "./header-facts.ts";
import { metadataOf } from "./metadata-document.ts";
import { type AuthorizationMemory, readCredentials } from "./read-credentials.ts";
import { readGraph } from "./read-graph.ts";
import { reportedRefusal } from "./reported-refusal.ts";
import { decodeSoapAnswer, decodeSoapRequest, maxSoapAnswer } from "./soap.ts";
import { tokenAnswerOf, tokenRequestOf } from "./token-request.ts";

export interface DecodeOptions {
  /** Names of a customer's own applications by id in lower case. */
  readonly applications?: Applications;
  readonly authorizations?: AuthorizationMemory;
}

const maxBodyText = 1024 * 1024;
const noFields = pickResponseFields([]);

/** A server repeats its challenge in every answer. */
const challengesOf = memoize(64, decodeChallenges);

/** Servers refuse for few different reasons. */
const diagnosticsOf = memoize(64, decodeDiagnostics);

/** Many answers arrive within one second. */
const httpDateOf = memoize(64, parseHttpDate);

interface Reading {
  readonly transaction: HttpTransaction;
  readonly applications: Applications | undefined;
  readonly endpoint: ServiceEndpoint;
  readonly request: RequestFields;
  readonly response: ResponseFields;
  readonly sightings: Sightings;
  readonly problems: string[];
  readonly authorizations: AuthorizationMemory | undefined;
}

/** The facts of one request and its answer. Never throws; nothing is verified. */
export function decodeTransaction(transaction: HttpTransaction, options: DecodeOptions = {}): TransactionFacts {
  const { applications } = options;
  const path = requestPath(transaction);
  const reading: Reading = {
    transaction,
    applications,
    endpoint: endpointOf(transaction.host, path),
    request: pickRequestFields(transaction.request.headers),
    response: transaction.response === null ? noFields : pickResponseFields(transaction.response.headers),
    sightings: { found: [], applications },
    problems: [],
    authorizations: options.authorizations,
  };
  const { endpoint, request, response, problems } = reading;
  const { authorization, others } = readCredentials(reading);
  collectQueryTokens(reading.sightings, path);
  const form = readRequestBody(reading);
  const answer = readAnswer(reading, form.tokenRequest);
  for (const value of response.searched) collectReadableTokens(reading.sightings, value, "response");
  collectFromAnswer(reading);
  const graph = endpoint === "graph" ? readGraph(transaction) : null;
  const challenges = response.challenges.flatMap(challengesOf);
  if (challenges.length === 0 && response.challenges.length > 0)
    problems.push("WWW-Authenticate: no scheme can be read");
  return {
    endpoint,
    authorization,
    otherCredentials: others,
    tokens: reading.sightings.found,
    challenges,
    bearerChallenge: bearerChallengeOf(challenges, applications),
    diagnostics: readDiagnostics(reading),
    tokenRequest: form.tokenRequest,
    ...answer,
    ntlmSent: sentMessage(authorization),
    ntlmReceived: receivedMessage(challenges),
    clientRequestId: detachText((request.clientRequestId || response.clientRequestId).slice(0, 128)),
    requestId: detachText((response.requestId || (graph?.requestId ?? "")).slice(0, 128)),
    userAgent: request.userAgent,
    isCloudUserAgent: isCloudUserAgent(request.userAgent),
    serverDate: response.date === "" ? null : httpDateOf(response.date),
    federation: federationOf(reading, path, form.hasSecurityHeader),
    policyReason: transaction.response?.status === 403 ? response.policyReason : "",
    operation: form.operation,
    soapAnswer: form.operation === null && !isEwsError(reading) ? null : readSoapAnswer(transaction),
    graph: graph?.facts ?? null,
    ...discoveryFacts(transaction, endpoint, path),
    ...reportedFacts(transaction, endpoint, form.operation),
    exchangeVersion: /^[0-9.]{1,32}$/.exec(response.exchangeVersion)?.[0] ?? "",
    problems,
  };
}

function discoveryFacts(
  transaction: HttpTransaction,
  endpoint: ServiceEndpoint,
  path: string,
): Pick<TransactionFacts, "discovery"> {
  const discovery = endpoint === "autodiscover" ? discoveryOf(transaction, path) : null;
  return discovery === null ? {} : { discovery };
}

function reportedFacts(
  transaction: HttpTransaction,
  endpoint: ServiceEndpoint,
  operation: TransactionFacts["operation"],
): Pick<TransactionFacts, "reported"> {
  const reported = reportedRefusal(transaction, endpoint, operation);
  return reported === null ? {} : { reported };
}

interface RequestBody {
  readonly tokenRequest: TokenRequest | null;
  readonly operation: TransactionFacts["operation"];
  readonly hasSecurityHeader: boolean;
}

const noBody: RequestBody = { tokenRequest: null, operation: null, hasSecurityHeader: false };

function readRequestBody(reading: Reading): RequestBody {
  const type = reading.request.contentType.toLowerCase();
  const isForm = type.includes("urlencoded") || (type === "" && isTokenEndpoint(reading.endpoint));
  if (!isForm && !type.includes("xml")) return noBody;
  const { body } = reading.transaction.request;
  // Text first: encoding it into bytes is costly.
  if ((body.text ?? body.bytes).length === 0) return noBody;
  return isForm ? readForm(reading) : readSoap(reading);
}

function readForm(reading: Reading): RequestBody {
  const { transaction, applications, sightings } = reading;
  const fields = readFormFields(bodyText(transaction.request.body, maxBodyText));
  collectFormTokens(sightings, fields);
  const request = tokenRequestOf(fields, applications);
  if (request === null) return noBody;
  // The tenant in the path replaces a realm that the form omits.
  const realm = request.realm || realmOfStsPath(requestPath(transaction));
  return { ...noBody, tokenRequest: { ...request, realm } };
}

function readSoap(reading: Reading): RequestBody {
  const soap = decodeSoapRequest(bodyText(reading.transaction.request.body, maxBodyText));
  if (soap.ok) return { ...noBody, ...soap.value };
  // Other XML (ActiveSync policies, WebDAV) is not a problem.
  if (reading.endpoint === "ews" || reading.endpoint === "autodiscover") {
    reading.problems.push(`request body: ${soap.problem}`);
  }
  return noBody;
}

/** EWS answers with its own errors as a SOAP fault with status 500, whatever the request was. */
function isEwsError({ endpoint, transaction }: Reading): boolean {
  return endpoint === "ews" && transaction.response?.status === 500;
}

function readSoapAnswer({ response }: HttpTransaction): SoapAnswer | null {
  return response === null ? null : decodeSoapAnswer(bodyText(response.body, maxSoapAnswer));
}

interface Answer {
  readonly tokenAnswer: TokenAnswer | null;
  readonly metadata: StsMetadata | null;
}

const noAnswer: Answer = { tokenAnswer: null, metadata: null };

function readAnswer(reading: Reading, tokenRequest: TokenRequest | null): Answer {
  const { transaction, endpoint, applications, problems } = reading;
  const isMetadata = endpoint === "metadata" || endpoint === "sts-metadata";
  const isToken = tokenRequest !== null || isTokenEndpoint(endpoint);
  if (transaction.response === null || !(isMetadata || isToken)) return noAnswer;
  const members = readJsonBody(reading);
  if (members === null) return noAnswer;
  if (isMetadata && !isToken) {
    const metadata = metadataOf(members, applications);
    if (metadata.ok) return { tokenAnswer: null, metadata: metadata.value };
    // OpenID Connect Discovery §3: the configuration names the address of the keys and holds none.
    const isConfiguration = typeof members.jwks_uri === "string";
    if (endpoint === "sts-metadata" && !isConfiguration) problems.push(`metadata document: ${metadata.problem}`);
    return noAnswer;
  }
  collectAnswerTokens(reading.sightings, members);
  const tokenAnswer = tokenAnswerOf(members);
  if (tokenAnswer.ok) return { tokenAnswer: tokenAnswer.value, metadata: null };
  problems.push(`token answer: ${tokenAnswer.problem}`);
  return noAnswer;
}

function readJsonBody(reading: Reading): JsonObject | null {
  const { response } = reading.transaction;
  const text = response === null ? "" : bodyText(response.body, maxBodyText).trimStart();
  if (!text.startsWith("{")) return null;
  const json = readJsonObject(text);
  if (json.ok) return json.value.value;
  reading.problems.push(`answer: ${json.problem}`);
  return null;
}

const searchedEndpoints: ReadonlySet<ServiceEndpoint> = new Set(["owa", "rest", "ucwa", "other"]);
const maxSearched = 64 * 1024;

/** Tokens that any other service hands out as JSON. Bounded: a longer answer is mail, not a token. */
function collectFromAnswer({ transaction, endpoint, response, sightings }: Reading): void {
  if (transaction.response === null || !searchedEndpoints.has(endpoint)) return;
  const { body } = transaction.response;
  if ((body.totalBytes ?? 0) > maxSearched || !response.contentType.toLowerCase().includes("json")) return;
  const text = bodyText(body, maxSearched).trimStart();
  if (!text.startsWith("{") || !/"e[yw]/.test(text)) return;
  const json = readJsonObject(text);
  if (json.ok) collectMemberTokens(sightings, json.value.value);
}

function isTokenEndpoint(endpoint: ServiceEndpoint): boolean {
  return endpoint === "sts-token" || endpoint === "web-ticket";
}

/** The first value with a known cause: other products use the same field names. */
function readDiagnostics(reading: Reading): Diagnostics | null {
  const { diagnostics, backendDiagnostics } = reading.response;
  let first: Diagnostics | null = null;
  for (const value of backendDiagnostics === "" ? diagnostics : [...diagnostics, backendDiagnostics]) {
    const read = diagnosticsOf(value);
    if (!read.ok) reading.problems.push(`x-ms-diagnostics: ${read.problem}`);
    else if (read.value.cause !== "unknown") return read.value;
    else first ??= read.value;
  }
  return first;
}

function sentMessage(authorization: Authorization): NtlmMessage | null {
  const isBlob = authorization.scheme === "ntlm" || authorization.scheme === "negotiate";
  return isBlob && authorization.message.ok ? authorization.message.value : null;
}

function receivedMessage(challenges: readonly ChallengeScheme[]): NtlmMessage | null {
  for (const { scheme, token68 } of challenges) {
    if (token68 === "" || !/^(?:ntlm|negotiate)$/i.test(scheme)) continue;
    const message = decodeNtlm(token68);
    if (message.ok) return message.value;
  }
  return null;
}

function federationOf(reading: Reading, path: string, hasSecurityHeader: boolean): TransactionFacts["federation"] {
  if (hasSecurityHeader || /\/wssecurity/i.test(path)) return "ws-security";
  return reading.request.hasCommonAccessToken ? "common-access-token" : null;
}
