// Ids, and events other than transactions. The proxy writes them in words of this program; a file from elsewhere may hold anything
// in their place.
import type { CaptureEvent, SignatureCheck } from "../core/capture-event.ts";
import { isTokenServiceHost } from "../decoders/tokens/token-kind.ts";
import { onlyPublicWords } from "./public-words.ts";
import type { Pseudonymise } from "./redaction.ts";
import { safeAuthority } from "./safe-url.ts";

type OtherEvent = Exclude<CaptureEvent, { kind: "transaction" }>;

const ownId = /^(?:[a-z]\d{1,6}\.){0,4}[a-z]?\d{1,12}$/;
const replacedId = /^x-[a-z2-7]{10}$/;

/** An id of this program (`t7`, `f2.c1`) or a number stays; any other id becomes a pseudonym. */
export function safeId(id: string, pseudonymise: Pseudonymise): string {
  return ownId.test(id) || replacedId.test(id) || id === "" ? id : `x-${pseudonymise("value", id)}`;
}

const client =
  /^(?:(?=.*[.:])[0-9a-f.:]{2,45}|\[[0-9a-f.:]{2,45}\](?::\d{1,5})?|[\d.]{7,15}:\d{1,5}|(?:client-[a-z2-7]{10}|localhost)(?::\d{1,5})?)$/i;
const tokenPath = /^(?:authorization|assertion|client_assertion|access_token|body|query|other)(?:\/actor){0,6}$/;
const keyId = /^[A-Za-z0-9_+/=:.-]{0,128}$/;

/** The address of a client; empty when the text is not an address. */
export function safeAddressOf(text: string): string {
  return client.test(text) ? text : "";
}

/** A safe copy of an event. Its members have a fixed order, so that a second run gives the same bytes. */
export function safeOtherEvent(event: OtherEvent, pseudonymise: Pseudonymise): OtherEvent {
  switch (event.kind) {
    case "signature":
      return { kind: "signature", check: safeCheck(event.check, pseudonymise) };
    case "gap": {
      const { kind, at, lost } = event;
      const connection = safeId(event.connection, pseudonymise);
      return { kind, at, connection, reason: onlyPublicWords(event.reason), lost };
    }
    case "refused":
      return {
        kind: event.kind,
        at: event.at,
        client: safeAddressOf(event.client),
        reason: onlyPublicWords(event.reason),
      };
    case "tunnel": {
      const { kind, at, port, reason } = event;
      return { kind, at, ...parties(event, pseudonymise), port, reason };
    }
    case "tls-rejected": {
      const { kind, at, side } = event;
      return { kind, at, ...parties(event, pseudonymise), side, reason: onlyPublicWords(event.reason) };
    }
    case "upstream-failed": {
      const { kind, at, port } = event;
      return { kind, at, ...parties(event, pseudonymise), port, reason: onlyPublicWords(event.reason) };
    }
  }
}

interface Parties {
  readonly client: string;
  readonly host: string;
}

function parties({ client, host }: Parties, pseudonymise: Pseudonymise): Parties {
  return { client: safeAddressOf(client), host: safeAuthority(host, pseudonymise) };
}

function safeCheck(check: SignatureCheck, pseudonymise: Pseudonymise): SignatureCheck {
  const { outcome, keySource } = check;
  return {
    transactionId: safeId(check.transactionId, pseudonymise),
    token: tokenPath.test(check.token) ? check.token : "other",
    keyId: keyId.test(check.keyId) ? check.keyId : "",
    outcome,
    keySource,
    // Only the host of a token service is valid here.
    ...(check.keyHost === undefined || !isTokenServiceHost(check.keyHost) ? {} : { keyHost: check.keyHost }),
  };
}
