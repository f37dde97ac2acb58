// Events other than transactions. The proxy writes them in words of this program; a file from elsewhere may hold anything
// in their place.
import { type CaptureEvent, type ClientHelloFacts, type SignatureCheck, tlsPrograms } from "../core/capture-event.ts";
import { isTokenServiceHost } from "../decoders/tokens/token-kind.ts";
import { onlyPublicWords } from "./public-words.ts";
import type { Pseudonymise } from "./redaction.ts";
import { safeAddressOf, safeId } from "./safe-identity.ts";
import { safeLogFile, safeLogRow } from "./safe-log-row.ts";
import { safeAuthority } from "./safe-url.ts";

type OtherEvent = Exclude<CaptureEvent, { kind: "transaction" }>;

const tokenPath = /^(?:authorization|assertion|client_assertion|access_token|body|query|other)(?:\/actor){0,6}$/;
const keyId = /^[A-Za-z0-9_+/=:.-]{0,128}$/;

/** A safe copy of an event. Its members have a fixed order, so that a second run gives the same bytes. */
export function safeOtherEvent(event: OtherEvent, pseudonymise: Pseudonymise): OtherEvent {
  switch (event.kind) {
    case "signature":
      return { kind: "signature", check: safeCheck(event.check, pseudonymise) };
    case "log-row":
      return { kind: "log-row", row: safeLogRow(event.row, pseudonymise) };
    case "log-file":
      return { kind: "log-file", report: safeLogFile(event.report, pseudonymise) };
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
      const { kind, at, port, reason, certificate } = event;
      const shown = certificate === undefined ? {} : { certificate };
      return { kind, at, ...parties(event, pseudonymise), port, reason, ...safeHello(event.hello), ...shown };
    }
    case "tls-rejected": {
      const { kind, at, side, cause, port, certificate } = event;
      return {
        kind,
        at,
        ...parties(event, pseudonymise),
        side,
        reason: onlyPublicWords(event.reason),
        ...(cause === undefined ? {} : { cause }),
        ...(port === undefined ? {} : { port }),
        ...(certificate === undefined ? {} : { certificate }),
        ...safeHello(event.hello),
      };
    }
    case "probes": {
      const { kind, at, since, port, connects, handshakes } = event;
      return { kind, at, since, ...parties(event, pseudonymise), port, connects, handshakes };
    }
    case "upstream-failed": {
      const { kind, at, port, isOutOfScope } = event;
      const scope = isOutOfScope === true ? { isOutOfScope } : {};
      return { kind, at, ...parties(event, pseudonymise), port, reason: onlyPublicWords(event.reason), ...scope };
    }
  }
}

/** A fingerprint is a digest; anything else in its place is left out with its hello. */
function safeHello(hello: ClientHelloFacts | undefined): { hello?: ClientHelloFacts } {
  if (hello === undefined || !/^[0-9a-f]{16}$/.test(hello.fingerprint)) return {};
  const program = tlsPrograms.find((known) => known === hello.program) ?? null;
  return { hello: { fingerprint: hello.fingerprint, program } };
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
