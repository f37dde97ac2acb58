// Whether a call is of a frame that was packed before. Services say the same in call after call, and comparing takes a tenth
// of packing it again. What is not seen to be the same at once is packed, so that no answer here can be wrong but "no".
import type { Headers } from "../../core/headers.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { memoize } from "../../core/memoize.ts";
import type { Authorization, TransactionFacts } from "../../decoders/facts.ts";
import { isAnswerField, isRequestField } from "./judged-fields.ts";
import type { WireFrame } from "./thread-messages.ts";

type Facts = TransactionFacts;

/** A frame with what it was packed from, as far as that is compared; nothing of one call alone. */
interface Packed {
  readonly number: number;
  readonly frame: WireFrame;
  readonly authorization: Authorization | "bearer";
  readonly challenges: Facts["challenges"];
}

/** The frames that were packed last. */
export class RepeatedCalls {
  #frames: Packed[] = [];

  /** The number of the frame that the call is of, when it is one of these. */
  find(transaction: HttpTransaction, facts: Facts): number | undefined {
    for (const packed of this.#frames) if (isOfFrame(packed, transaction, facts)) return packed.number;
    return undefined;
  }

  add(number: number, frame: WireFrame, { authorization, challenges }: Facts): void {
    const isBearer = authorization.scheme === "bearer";
    const packed: Packed = { number, frame, authorization: isBearer ? "bearer" : authorization, challenges };
    const known = this.#frames.findIndex((one) => one.number === number);
    if (known !== -1) this.#frames[known] = packed;
    else if (this.#frames.length < frameLimit) this.#frames.push(packed);
    else this.#frames = [packed];
  }

  /** Frames were forgotten by the other side. */
  forget(): void {
    this.#frames = [];
  }
}

const frameLimit = 24;

function isOfFrame({ frame, authorization, challenges }: Packed, transaction: HttpTransaction, facts: Facts): boolean {
  const { request, response } = transaction;
  const { body } = request;
  return (
    isSameAuthorization(authorization, facts.authorization) &&
    frame[1] === transaction.host &&
    frame[9][9] === facts.userAgent &&
    frame[8]?.[1] === response?.status &&
    isSame(frame[9][13], facts.operation) &&
    isOfFacts(frame, facts) &&
    isSameList(challenges, facts.challenges) &&
    frame[0] === transaction.scheme &&
    frame[2] === transaction.port &&
    frame[3] === transaction.failure &&
    frame[4] === request.method &&
    frame[5] === request.version &&
    frame[7][0] === body.truncated &&
    frame[7][1] === body.contentCoding &&
    arePicked(frame[6], request.headers, isRequestField) &&
    isSameResponse(frame[8], response)
  );
}

function isOfFacts(frame: WireFrame, facts: Facts): boolean {
  const told = frame[9];
  return (
    told[0] === facts.endpoint &&
    isSame(told[3], facts.bearerChallenge) &&
    isSame(told[4], facts.diagnostics) &&
    isSame(told[5], facts.tokenRequest) &&
    isSame(told[6], facts.tokenAnswer) &&
    isSame(told[7], facts.ntlmSent) &&
    isSame(told[8], facts.ntlmReceived) &&
    told[10] === facts.isCloudUserAgent &&
    told[11] === facts.federation &&
    told[12] === facts.policyReason &&
    told[15] === facts.exchangeVersion &&
    isSame(told[14], facts.soapAnswer) &&
    isSameList(told[16], facts.problems) &&
    // Rare, and records: a frame with any is told anew.
    told[17].length === 0 &&
    facts.otherCredentials.length === 0
  );
}

function isSameAuthorization(one: Authorization | "bearer", other: Authorization): boolean {
  return one === "bearer" ? other.scheme === "bearer" : isSame(one, other);
}

/** Records of the same members, as deep as facts go: a member is a plain value, a remembered record, or a list of them. */
function isSame(one: object | null, other: object | null): boolean {
  if (one === other) return true;
  if (one === null || other === null) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isSameMember(one, other, name));
}

function isSameMember(one: object, other: object, name: string): boolean {
  const mine: unknown = Reflect.get(one, name);
  const its: unknown = Reflect.get(other, name);
  return mine === its || (Array.isArray(mine) && Array.isArray(its) && isSameList(mine, its));
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one === other || (one.length === other.length && one.every((entry, index) => entry === other[index]));
}

function isSameResponse(one: WireFrame[8], other: HttpResponse | null): boolean {
  if (one === null || other === null) return one === other;
  const [version, status, reason, headers, [truncated, contentCoding], interim] = one;
  return (
    version === other.version &&
    status === other.status &&
    reason === other.reason &&
    truncated === other.body.truncated &&
    contentCoding === other.body.contentCoding &&
    isSameList(interim, other.interim) &&
    arePicked(headers, other.headers, isAnswerField)
  );
}

/** True when the fields that cross are these, whatever else there is. */
function arePicked(picked: Headers, headers: Headers, isWanted: (name: string) => boolean): boolean {
  let next = 0;
  for (const [name, value] of headers) {
    if (!isWanted(name)) continue;
    const field = picked[next];
    if (field === undefined || field[1] !== value || lowered(field[0]) !== lowered(name)) return false;
    next += 1;
  }
  return next === picked.length;
}

const lowered = memoize(256, (name) => name.toLowerCase());
