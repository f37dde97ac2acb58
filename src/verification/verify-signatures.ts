// Checks whether tokens were signed with the key that they name. Verified, failed and no key are three different results. A token
// before its key waits (bounded) and is checked when the key arrives.
import { verify } from "node:crypto";
import type { SignatureCheck } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { S2sToken, StsMetadata, TransactionFacts } from "../decoders/facts.ts";
import { isTrustedKeySource } from "../decoders/tokens/token-kind.ts";
import { type SignatureAnswer, setNewest, startKnownTokens } from "./known-tokens.ts";
import { type SignedToken, signedTexts, signedTokens } from "./signed-tokens.ts";
import { keyName, keysOfCertificateFile, keysOfMetadata, type ReadKeys, type SigningKey } from "./signing-keys.ts";

export interface VerificationOptions {
  /** Documents given with `--metadata`. */
  readonly metadata?: readonly StsMetadata[];
  /** Files given with `--auth-cert`: one DER certificate, or PEM. */
  readonly authCertificates?: readonly Uint8Array[];
}

type Place = Pick<HttpTransaction, "scheme" | "host">;

export interface Verifier {
  /**
   * Checks the tokens of one transaction with `place`, and earlier tokens whose key arrived with it. Synchronous when there is
   * nothing to check: most requests carry a token that was checked before.
   */
  accept(
    transactionId: string,
    facts: Pick<TransactionFacts, "tokens" | "metadata">,
    place: Place | null,
  ): readonly SignatureCheck[] | Promise<readonly SignatureCheck[]>;
  /** Unusable certificates, in words of this program. */
  readonly problems: readonly string[];
}

interface TokenPlace {
  readonly transactionId: string;
  readonly path: string;
}

interface WaitingToken {
  readonly token: S2sToken;
  readonly sightings: TokenPlace[];
}

// RFC 8725 3.1: an explicit list, without "none" and algorithms with a shared secret.
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
const keyLimit = 256;
const waitingLimit = 1_024;
const problemLimit = 20;
const noChecks: readonly SignatureCheck[] = [];

/** Starts a verifier with the keys of the user; keys from token services in the traffic are added as they arrive. */
export function startVerification(options: VerificationOptions): Verifier {
  const keys: SigningKey[] = [];
  const problems: string[] = [];
  const knownTokens = startKnownTokens();
  const waiting = new Map<string, WaitingToken>();

  const learn = ({ keys: found, problems: faults }: ReadKeys): boolean => {
    problems.push(...faults.slice(0, problemLimit - problems.length));
    const fresh = found.filter((key) => !keys.some((known) => isSameKey(known, key)));
    keys.push(...fresh.slice(0, Math.max(0, keyLimit - keys.length)));
    return fresh.length > 0;
  };

  const check = async (token: S2sToken): Promise<SignatureAnswer> => {
    for (const key of candidates(keys, token))
      if (isPlainRs256(token, key) ? isSignedByRsa(token, key) : await isSignedBy(token.compact, key))
        return { outcome: "verified", ...ownerOf(key) };
    const named = token.keyId === "" ? undefined : candidates(keys, token)[0];
    return named === undefined ? { outcome: "no-key", keySource: null } : { outcome: "failed", ...ownerOf(named) };
  };

  const accept = async (transactionId: string, { token, path }: SignedToken): Promise<SignatureCheck> => {
    const known = knownTokens.of(token.compact);
    const { identity } = known;
    const answer = known.answer === null || known.answer.outcome === "no-key" ? await check(token) : known.answer;
    known.answer = answer;
    known.paths.push(path);
    knownTokens.keep(known);
    const sighting = { transactionId, path };
    if (answer.outcome === "no-key") {
      const held = waiting.get(identity) ?? { token, sightings: [] };
      held.sightings.push(sighting);
      setNewest(waiting, identity, held, waitingLimit);
    }
    return checkOf(sighting, token, answer);
  };

  const checkWaiting = async (): Promise<readonly SignatureCheck[]> => {
    const checks: SignatureCheck[] = [];
    for (const [identity, { token, sightings }] of [...waiting]) {
      const answer = await check(token);
      if (answer.outcome === "no-key") continue;
      waiting.delete(identity);
      knownTokens.setAnswer(identity, answer);
      for (const sighting of sightings) checks.push(checkOf(sighting, token, answer));
    }
    return checks;
  };

  const acceptAll = async (
    transactionId: string,
    metadata: GivenDocument | null,
    tokens: readonly SignedToken[],
  ): Promise<readonly SignatureCheck[]> => {
    const hasNewKeys = metadata !== null && learn(keysOfMetadata(metadata.document, "sts-metadata", metadata.host));
    const checks = hasNewKeys ? [...(await checkWaiting())] : [];
    for (const one of tokens) if (!knownTokens.isReported(one)) checks.push(await accept(transactionId, one));
    return checks;
  };

  for (const document of options.metadata ?? []) learn(keysOfMetadata(document, "metadata-file"));
  for (const file of options.authCertificates ?? []) learn(keysOfCertificateFile(file, "auth-certificate"));
  return {
    problems,
    accept(transactionId, facts, place) {
      const tokens = signedTokens(facts);
      const given = trustedDocument(facts.metadata, place);
      const isKnown = given === null && tokens.every(knownTokens.isReported);
      return isKnown ? noChecks : acceptAll(transactionId, given, tokens);
    },
  };
}

interface GivenDocument {
  readonly document: StsMetadata;
  readonly host: string;
}

/** The document of a token service that was reached over TLS, else null: anybody can forge any other. */
function trustedDocument(document: StsMetadata | null, place: Place | null): GivenDocument | null {
  return document === null || place === null || !isTrustedKeySource(place) ? null : { document, host: place.host };
}

function ownerOf({ source, host }: SigningKey): Pick<SignatureAnswer, "keySource" | "keyHost"> {
  return host === "" ? { keySource: source } : { keySource: source, keyHost: host };
}

/** Keys that may have signed the token: those with the key id of the token (all without one), except those of another issuer. */
function candidates(keys: readonly SigningKey[], token: S2sToken): readonly SigningKey[] {
  const name = keyName(token.keyId);
  const issuer = token.issuer?.id ?? "";
  return keys.filter(
    (key) =>
      (name === "" || key.names.includes(name)) && (key.issuerId === "" || issuer === "" || key.issuerId === issuer),
  );
}

/** True for RS256 ([MS-XOAUTH] 2.2) without header members that change the signed bytes: nearly every S2S token. */
function isPlainRs256({ header, alg, duplicates }: S2sToken, { publicKey }: SigningKey): boolean {
  const isPlain = !Object.hasOwn(header, "crit") && !Object.hasOwn(header, "b64") && duplicates.length === 0;
  return isPlain && alg === "RS256" && publicKey.asymmetricKeyType === "rsa";
}

/**
 * Synchronous check by RFC 7518 3.3: a capture can hold a hundred thousand tokens, and a promise and a thread for each take five
 * times as long as the check. All other tokens are checked by jose.
 */
function isSignedByRsa(token: S2sToken, { publicKey }: SigningKey): boolean {
  const signature = Buffer.from(token.compact.slice(token.compact.lastIndexOf(".") + 1), "base64url");
  return signedTexts(token).some((text) => verify("RSA-SHA256", Buffer.from(text, "latin1"), publicKey, signature));
}

async function isSignedBy(compact: string, { publicKey }: SigningKey): Promise<boolean> {
  // Loaded with the first signature to check: a sanitised capture has none.
  const { compactVerify, errors } = await import("jose");
  try {
    await compactVerify(compact, publicKey, { algorithms });
    return true;
  } catch (error) {
    // jose throws JOSEError for an invalid token and TypeError when key and algorithm do not fit.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    throw error;
  }
}

function isSameKey(one: SigningKey, other: SigningKey): boolean {
  const isSameOwner = one.source === other.source && one.host === other.host && one.issuerId === other.issuerId;
  return one.names[0] === other.names[0] && isSameOwner;
}

function checkOf({ transactionId, path }: TokenPlace, token: S2sToken, answer: SignatureAnswer): SignatureCheck {
  return { transactionId, token: path, keyId: token.keyId, ...answer };
}
