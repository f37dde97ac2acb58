// Finds the frame of a call among the ones packed last. Services repeat their calls, and comparing takes a tenth of the time of
// packing. A frame that is missed is packed again, which costs time but is never wrong.
import type { Headers } from "../../core/headers.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { memoize } from "../../core/memoize.ts";
import type { Authorization, TransactionFacts } from "../../decoders/facts.ts";
import { isAnswerField, isRequestField } from "./judged-fields.ts";
import type { WireFrame } from "./thread-messages.ts";

type Facts = TransactionFacts;

/** A frame with the source of its values as far as they are compared; holds nothing of a single call. */
interface PackedFrame {
  readonly number: number;
  readonly frame: WireFrame;
  readonly authorization: Authorization | "bearer";
  readonly challenges: Facts["challenges"];
}

/** The last packed frames. */
export class RepeatedCalls {
  #frames: PackedFrame[] = [];

  /** The number of the frame of a call; undefined when it is not among the last ones. */
  find(transaction: HttpTransaction, facts: Facts): number | undefined {
    for (const packed of this.#frames) if (isOfFrame(packed, transaction, facts)) return packed.number;
    return undefined;
  }

  add(number: number, frame: WireFrame, { authorization, challenges }: Facts): void {
    const isBearer = authorization.scheme === "bearer";
    const packed: PackedFrame = { number, frame, authorization: isBearer ? "bearer" : authorization, challenges };
    const known = this.#frames.findIndex((one) => one.number === number);
    if (known !== -1) this.#frames[known] = packed;
    else if (this.#frames.length < frameLimit) this.#frames.push(packed);
    else this.#frames = [packed];
  }

  /** Forgets all frames, because the judging thread has dropped some. */
  forget(): void {
    this.#frames = [];
  }
}

const frameLimit = 24;

function isOfFrame(
  { frame, authorization, challenges }: PackedFrame,
  transaction: HttpTransaction,
  facts: Facts,
): boolean {
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
  const packed = frame[9];
  return (
    packed[0] === facts.endpoint &&
    isSame(packed[3], facts.bearerChallenge) &&
    isSame(packed[4], facts.diagnostics) &&
    isSame(packed[5], facts.tokenRequest) &&
    isSame(packed[6], facts.tokenAnswer) &&
    isSame(packed[7], facts.ntlmSent) &&
    isSame(packed[8], facts.ntlmReceived) &&
    packed[10] === facts.isCloudUserAgent &&
    packed[11] === facts.federation &&
    packed[12] === facts.policyReason &&
    packed[15] === facts.exchangeVersion &&
    isSame(packed[14], facts.soapAnswer) &&
    isSame(packed[18], facts.graph) &&
    isSameList(packed[16], facts.problems) &&
    // Rare: a frame with any is packed again.
    packed[17].length === 0 &&
    facts.otherCredentials.length === 0 &&
    packed[19] === null &&
    facts.discovery === undefined &&
    packed[20] === null &&
    facts.reported === undefined
  );
}

function isSameAuthorization(one: Authorization | "bearer", other: Authorization): boolean {
  return one === "bearer" ? other.scheme === "bearer" : isSame(one, other);
}

/** True for records of equal members, as deep as facts are: a member is a primitive, a cached record, or a list of these. */
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

/** True when the wanted fields of `headers` are the picked ones. */
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
