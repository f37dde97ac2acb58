// The parts that were read, in the order of the text, become requests with their answers.
import type { Header } from "../../core/headers.ts";
import { type CapturedBody, emptyBody, type HttpTransaction } from "../../core/http-transaction.ts";
import { withoutAuthorityUser } from "../../core/user-info.ts";
import { parseHttpDate } from "../http-date.ts";
import type { Part } from "./text/claim.ts";
import { type Side, sideOfField } from "./text/field-names.ts";

interface Draft {
  method: string;
  target: string;
  hasRequestLine: boolean;
  status: number | null;
  hasStatusLine: boolean;
  readonly request: Header[];
  readonly answer: Header[];
  requestBody: string;
  answerBody: string;
  /** The halves in the order in which their fields came. */
  readonly halves: Side[];
}

const mostExchanges = 200;

/**
 * Requests and answers, numbered from `t1`, of claims in the order of the text. The time is the `Date` of the answer, else 0;
 * the client is unknown.
 */
export function exchangesOf(claims: readonly (readonly Part[])[]): readonly HttpTransaction[] {
  const drafts: Draft[] = [];
  for (const parts of claims) {
    if (drafts.length > mostExchanges) break;
    addParts(drafts, parts, drafts.at(-1)?.halves.length ?? 0);
  }
  return drafts.filter(isSomething).slice(0, mostExchanges).map(transactionOf);
}

function addParts(drafts: Draft[], parts: readonly Part[], halvesBefore: number): void {
  let side: Side | null = null;
  for (const [at, part] of parts.entries()) {
    switch (part.kind) {
      case "side":
        side = part.side;
        break;
      case "body":
        addBody(drafts.at(-1) ?? begin(drafts), part.text, part.side ?? side);
        break;
      case "request":
        addRequest(drafts, part);
        if (part.isWhole) side = "request";
        break;
      case "status":
        addStatus(drafts, part);
        side = "response";
        break;
      case "field":
        side = sideOfField(part.name) ?? side ?? sideAhead(parts, at) ?? drafts.at(-1)?.halves.at(-1) ?? "response";
        addField(drafts, part, { own: side, halvesBefore });
    }
  }
}

function addRequest(drafts: Draft[], part: Part & { kind: "request" }): void {
  const last = drafts.at(-1);
  const draft = last === undefined || beginsExchange(last, part) ? begin(drafts) : last;
  draft.method ||= part.method;
  draft.target ||= part.target;
  draft.hasRequestLine ||= part.isWhole;
}

function addStatus(drafts: Draft[], part: Part & { kind: "status" }): void {
  const last = drafts.at(-1);
  const draft = last === undefined || isSecondStatus(last, part) ? begin(drafts) : last;
  if (draft.status === null || part.isWhole) draft.status = part.status;
  draft.hasStatusLine ||= part.isWhole;
}

/** The half of a field that both have, by the next one that tells. */
function sideAhead(parts: readonly Part[], from: number): Side | null {
  for (const part of parts.slice(from, from + 40)) {
    const side = part.kind === "field" ? sideOfField(part.name) : part.kind === "side" ? part.side : null;
    if (side !== null) return side;
  }
  return null;
}

interface Half {
  readonly own: Side;
  /** Halves of the last draft before this stretch of the text. */
  readonly halvesBefore: number;
}

function addField(
  drafts: Draft[],
  { name, value }: { readonly name: string; readonly value: string },
  half: Half,
): void {
  const last = drafts.at(-1);
  const draft = last === undefined || beginsAgain(last, name, half) ? begin(drafts) : last;
  if (draft.halves.at(-1) !== half.own) draft.halves.push(half.own);
  (half.own === "request" ? draft.request : draft.answer).push([name, value]);
}

/**
 * Without start lines, a half that comes again after the other one is the next exchange: in another stretch of the text, or
 * where the field was there already. Lists that mix both halves are one exchange.
 */
function beginsAgain(last: Draft, name: string, { own, halvesBefore }: Half): boolean {
  if (last.halves.at(-1) === own || !last.halves.includes(own)) return false;
  const fields = own === "request" ? last.request : last.answer;
  return last.halves.length === halvesBefore || fields.some(([known]) => known.toLowerCase() === name.toLowerCase());
}

function begin(drafts: Draft[]): Draft {
  const draft: Draft = {
    ...{ method: "", target: "", hasRequestLine: false, status: null, hasStatusLine: false },
    ...{ request: [], answer: [], requestBody: "", answerBody: "", halves: [] },
  };
  drafts.push(draft);
  return draft;
}

function beginsExchange(last: Draft, part: Part & { kind: "request" }): boolean {
  if (last.hasRequestLine || last.status !== null || last.answer.length > 0) {
    // The same address without an answer in between is a label beside the request line.
    return (
      part.isWhole ||
      (part.target !== "" && last.target !== "" && (last.answer.length > 0 || last.target !== part.target))
    );
  }
  return part.isWhole && (last.target !== "" || last.request.length > 0);
}

/** A second status begins an exchange unless it repeats the first: "error code:401" above "HTTP/1.1 401". */
function isSecondStatus(last: Draft, part: Part & { kind: "status" }): boolean {
  if (last.status === null || !part.isWhole) return false;
  // An interim answer is followed by the final one.
  if (last.status < 200) return false;
  return last.hasStatusLine || last.status !== part.status;
}

function addBody(draft: Draft, text: string, side: Side | null): void {
  if (side === "response" || (side === null && draft.status !== null)) draft.answerBody ||= text;
  else draft.requestBody ||= text;
}

function isSomething({ method, target, status, request, answer }: Draft): boolean {
  return method !== "" || target !== "" || status !== null || request.length + answer.length > 0;
}

function transactionOf(draft: Draft, index: number): HttpTransaction {
  const address = /^(https?):\/\/([^/?#]*)/i.exec(draft.target);
  const authority = withoutAuthorityUser(address?.[2] ?? "") || field(draft.request, "host");
  const [, host = "", port = ""] = /^(\[[0-9a-f:.]+\]|[^:/\s]{1,253})(?::([0-9]{1,5}))?/i.exec(authority) ?? [];
  const isPlain = address?.[1]?.toLowerCase() === "http";
  const hasAnswer =
    draft.status !== null || draft.answer.length > 0 || (draft.method === "" && draft.request.length === 0);
  return {
    id: `t${index + 1}`,
    connection: `c${index + 1}`,
    client: "",
    startedAt: parseHttpDate(field(draft.answer, "date")) ?? 0,
    durationMs: null,
    scheme: isPlain ? "http" : "https",
    host: host.toLowerCase().replace(/^\[|\]$/g, ""),
    port: Number(port) || (isPlain ? 80 : 443),
    request: {
      method: draft.method,
      target: draft.target === "" ? "/" : draft.target,
      version: "HTTP/1.1",
      headers: draft.request,
      trailers: [],
      body: textBody(draft.requestBody),
    },
    response: hasAnswer
      ? {
          version: "HTTP/1.1",
          status: draft.status ?? 0,
          reason: "",
          headers: draft.answer,
          trailers: [],
          body: textBody(draft.answerBody),
          interim: [],
        }
      : null,
    failure: null,
  };
}

function field(headers: readonly Header[], name: string): string {
  return headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1] ?? "";
}

function textBody(text: string): CapturedBody {
  if (text === "") return emptyBody;
  const bytes = new TextEncoder().encode(text);
  return { bytes, totalBytes: bytes.length, truncated: false, contentCoding: null };
}
