import {
  type CaptureEvent,
  type ClientHelloFacts,
  type KeySource,
  type ShownCertificate,
  type SignatureCheck,
  tlsCauses,
  tlsPrograms,
  tunnelReasons,
} from "../../core/capture-event.ts";
import { timeOrUnknown } from "../../core/capture-time.ts";
import { type JsonObject, listOf, memberOf, objectOf, sizeOf, textOf } from "./foreign-json.ts";
import { readLogFile, readLogRow } from "./log-event.ts";

/**
 * The event of a journal record that is not a transaction; null for a kind unknown to this version, or with a part
 * missing.
 */
export function readEvent(kind: string, record: JsonObject): CaptureEvent | null {
  const at = timeOrUnknown(sizeOf(record, "at") ?? 0);
  const [client, host, reason] = [textOf(record, "client"), textOf(record, "host"), textOf(record, "reason")];
  const port = sizeOf(record, "port") ?? 0;
  switch (kind) {
    case "tunnel": {
      const known = tunnelReasons.find((one) => one === reason);
      return known === undefined
        ? null
        : { kind, at, client, host, port, reason: known, ...readHello(record), ...readShown(record) };
    }
    case "tls-rejected": {
      const side = memberOf(record, "side");
      if (side !== "client" && side !== "upstream") return null;
      return { kind, at, client, host, side, reason, ...readTlsMembers(record) };
    }
    case "probes": {
      const since = timeOrUnknown(sizeOf(record, "since") ?? at);
      const [connects, handshakes] = [sizeOf(record, "connects") ?? 0, sizeOf(record, "handshakes") ?? 0];
      return { kind, at, since, client, host, port, connects, handshakes };
    }
    case "upstream-failed": {
      const scope = memberOf(record, "isOutOfScope") === true ? { isOutOfScope: true as const } : {};
      return { kind, at, client, host, port, reason, ...scope };
    }
    case "refused":
      return { kind, at, client, reason };
    case "gap":
      return { kind, at, connection: textOf(record, "connection"), reason, lost: sizeOf(record, "lost") ?? 0 };
    case "signature":
      return readCheck(objectOf(memberOf(record, "check")));
    case "log-row":
      return readLogRow(record);
    case "log-file":
      return readLogFile(record);
    default:
      return null;
  }
}

/** The events of a list of such records, which exports keep beside a transaction; other items are skipped. */
function readEventRecords(records: readonly unknown[]): readonly CaptureEvent[] {
  return records.slice(0, 10_000).flatMap((record) => {
    const event = readEvent(textOf(objectOf(record), "k"), objectOf(record));
    return event === null ? [] : [event];
  });
}

/** The events in `_ahead`, `_s2s` and `_after` of an exported entry. */
export function readEventMembers(entry: JsonObject): {
  ahead: readonly CaptureEvent[];
  after: readonly CaptureEvent[];
} {
  const checks = listOf(entry, "_s2s")
    .slice(0, 10_000)
    .map((check) => readCheck(objectOf(check)));
  return {
    ahead: readEventRecords(listOf(entry, "_ahead")),
    after: [...checks.filter((event) => event !== null), ...readEventRecords(listOf(entry, "_after"))],
  };
}

type TlsRejected = Extract<CaptureEvent, { kind: "tls-rejected" }>;

/** The members that older journals do not have; one that does not fit is left out. */
function readTlsMembers(record: JsonObject): Pick<TlsRejected, "cause" | "port" | "certificate" | "hello"> {
  const cause = tlsCauses.find((known) => known === memberOf(record, "cause"));
  const port = sizeOf(record, "port");
  return {
    ...(cause === undefined ? {} : { cause }),
    ...(port === null ? {} : { port }),
    ...readShown(record),
    ...readHello(record),
  };
}

const shownCertificates: readonly ShownCertificate[] = ["own", "kept-ca", "run-ca"];

function readShown(record: JsonObject): { certificate?: ShownCertificate } {
  const certificate = shownCertificates.find((known) => known === memberOf(record, "certificate"));
  return certificate === undefined ? {} : { certificate };
}

function readHello(record: JsonObject): { hello?: ClientHelloFacts } {
  const hello = objectOf(memberOf(record, "hello"));
  const fingerprint = textOf(hello, "fingerprint");
  if (!/^[0-9a-f]{16}$/.test(fingerprint)) return {};
  const program = tlsPrograms.find((known) => known === memberOf(hello, "program")) ?? null;
  return { hello: { fingerprint, program } };
}

function readCheck(check: JsonObject): CaptureEvent | null {
  const outcome = memberOf(check, "outcome");
  if (outcome !== "verified" && outcome !== "failed" && outcome !== "no-key") return null;
  const source = memberOf(check, "keySource");
  const read: SignatureCheck = {
    transactionId: textOf(check, "transactionId"),
    token: textOf(check, "token"),
    outcome,
    keyId: textOf(check, "keyId"),
    keySource: isKeySource(source) ? source : null,
    ...(textOf(check, "keyHost") === "" ? {} : { keyHost: textOf(check, "keyHost").slice(0, 253) }),
  };
  return { kind: "signature", check: read };
}

function isKeySource(value: unknown): value is KeySource {
  return value === "sts-metadata" || value === "metadata-file" || value === "auth-certificate";
}
