// Which handshake a row of a log belongs to: one caller at one server in one realm, whatever addresses it calls from, as cloud services
// call from many. Every row costs O(1); all memory is bounded.
import type { LogRow } from "../../core/log-row.ts";
import type { Applications } from "../../core/principals.ts";
import { recentMap } from "../../core/recent-map.ts";
import { endpointOf } from "../../decoders/messages/endpoint.ts";
import type { Correlation, FallbackEvidence } from "../correlation.ts";
import { evidenceIds } from "../evidence.ts";
import type { HandshakeStore } from "../handshake-store.ts";
import type { Handshake } from "../reduce.ts";
import type { SeenRequest } from "../request-index.ts";
import { isServiceEndpoint } from "../role.ts";
import {
  newLogHandshake,
  policyOf,
  withCall,
  withOperationOf,
  withoutCall,
  withRow,
  withRowBeside,
  withRowId,
  withRowSignIn,
  withTokenAnswer,
} from "./log-changes.ts";
import { startLogGroups } from "./log-groups.ts";
import { type RowReading, startRowDecoder } from "./read-row.ts";
import { type LoggedCall, startRowCalls } from "./row-calls.ts";
import { type RowCorrelation, result } from "./row-correlation.ts";
import {
  contradictionOf,
  isOfExchange,
  isPersonsProgram,
  keyOfCall,
  operationOf,
  outcomeOf,
  type RowInput,
  refusedKey,
} from "./row-keys.ts";
import { startRowPrograms } from "./row-programs.ts";

export interface RowCorrelator {
  accept(row: LogRow): RowCorrelation;
  /** The result for a captured request, its handshake with the rows of its caller. */
  join(correlation: Correlation): Correlation;
  /** Handshakes of traffic and of rows as they are shown. */
  views(handshakes: readonly Handshake[]): readonly Handshake[];
}

const keyLimit = 8_192;

interface Released {
  /** The call stays where it was counted. */
  readonly isKept: boolean;
  readonly absorbed: RowCorrelation["absorbed"];
  /** Ids of the rows of a handshake that was merged into another. */
  readonly evidence: readonly string[];
}

const kept: Released = { isKept: true, absorbed: [], evidence: [] };

/** Starts beside the correlator of transactions, which has the same store. */
export function startRowCorrelator(store: HandshakeStore, options: RowOptions = {}): RowCorrelator {
  return new Correlator(store, options);
}

export interface RowOptions {
  /** Applications by id in lower case, beside the well-known ones. */
  readonly applications?: Applications;
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp?: string;
}

class Correlator implements RowCorrelator {
  readonly #store: HandshakeStore;
  readonly #groups: ReturnType<typeof startLogGroups>;
  readonly #decoder: ReturnType<typeof startRowDecoder>;
  readonly #calls = startRowCalls();
  /** Handshakes of rows by their key. */
  readonly #byKey = recentMap<string, string>(keyLimit);
  readonly #programs = startRowPrograms();
  #isActive = false;

  readonly #hybridApp: string | null;

  constructor(store: HandshakeStore, { applications, hybridApp }: RowOptions) {
    this.#store = store;
    this.#groups = startLogGroups(store);
    this.#decoder = startRowDecoder(applications);
    this.#hybridApp = hybridApp ?? null;
  }

  accept(row: LogRow): RowCorrelation {
    this.#isActive = true;
    const read = this.#decoder.read(row);
    const call = this.#calls.at(row);
    const reading = namedBy(call, read);
    const server = (call.host || row.host || row.server || listedBy(row)).slice(0, 256);
    call.isPolicy ||= policyOf(row) !== null;
    const input: RowInput = { row, reading, call, server };
    const correlated = this.#dispatch(input);
    if (reading.role === "call") this.#programs.noteCall(row, call.handshakeId);
    else if (reading.role === "probe" && !isPersonsProgram(row)) this.#programs.noteProbe(row, server);
    return correlated;
  }

  join(correlation: Correlation): Correlation {
    const { handshake } = correlation;
    if (!this.#isActive || handshake === null) return correlation;
    const { handshake: shown, changed, absorbed } = this.#groups.changeTraffic(handshake);
    return {
      ...correlation,
      handshake: shown,
      changed: [...correlation.changed, ...changed],
      absorbed: [...correlation.absorbed, ...absorbed],
    };
  }

  views(handshakes: readonly Handshake[]): readonly Handshake[] {
    return this.#isActive ? this.#groups.views(handshakes) : handshakes;
  }

  #dispatch(input: RowInput): RowCorrelation {
    const { row, reading, call } = input;
    const seen = this.#store.requests.find(row.clientRequestId ?? "");
    switch (reading.role) {
      case "call":
        return this.#acceptCall(input, seen);
      case "probe":
        // The event of a refused token precedes the row of its request, which is logged as a probe is.
        return call.outcome === "refused"
          ? this.#acceptCall(input, seen)
          : result(input, { isInTraffic: seen !== undefined });
      case "password":
      case "windows":
        return this.#acceptSignIn(input, seen);
      case "token":
        return this.#acceptToken(input, seen);
      default:
        return result(input, {});
    }
  }

  #acceptCall(input: RowInput, seen: SeenRequest | undefined): RowCorrelation {
    const { row, reading, call } = input;
    const traffic = seen?.isCall === true ? this.#store.get(seen.handshakeId) : undefined;
    if (traffic !== undefined && seen !== undefined) {
      const contradiction = contradictionOf(reading, seen, traffic);
      return this.#touch(input, traffic, { contradiction, outcome: reading.outcome });
    }
    const outcome = outcomeOf(call.outcome, reading.outcome);
    const handshake = this.#handshakeOfCall(input);
    const released = this.#release(call, handshake);
    const before = released.isKept ? call.outcome : null;
    const operation = operationOf(row) || call.operation;
    let after = released.evidence.reduce(withRowId, withRow(handshake, row, reading));
    if (before !== outcome) after = withCall(after, { row, reading, outcome, before, operation });
    else if (outcome === "accepted" && operation !== "") after = withOperationOf(after, operation);
    call.outcome = outcome;
    call.operation = operation;
    call.handshakeId = after.id;
    const stored = this.#put(after);
    const recovered = outcome === "accepted" ? this.#recover(input, after) : [];
    const absorbed = [...released.absorbed, ...recovered, ...stored.absorbed];
    return result(input, { ...stored, outcome, absorbed });
  }

  /** A row of a call that is counted elsewhere by now: the host became known, or the caller. */
  #release(call: LoggedCall, into: Handshake): Released {
    const before = call.handshakeId === into.id ? undefined : this.#store.get(call.handshakeId);
    if (before === undefined || before.log === null || before.id === into.id) return kept;
    if (before.log.calls > 1) {
      this.#store.put(withoutCall(before, call.outcome));
      return { ...kept, isKept: false };
    }
    this.#store.redirect(before.id, into.id);
    return { isKept: false, absorbed: [{ id: before.id, into: into.id }], evidence: evidenceIds(before.evidence) };
  }

  /** An accepted call of the program whose token was refused, and whose application the refusal did not name. */
  #recover(input: RowInput, into: Handshake): RowCorrelation["absorbed"] {
    const refused = this.#store.get(this.#byKey.get(refusedKey(input)));
    if (refused === undefined || refused.id === into.id || refused.caller !== null) return [];
    this.#store.redirect(refused.id, into.id);
    return [{ id: refused.id, into: into.id }];
  }

  #acceptSignIn(input: RowInput, seen: SeenRequest | undefined): RowCorrelation {
    const { row, reading, server } = input;
    const fallback = this.#fallbackOf(input);
    const traffic = seen === undefined ? undefined : this.#store.get(seen.handshakeId);
    if (seen !== undefined && traffic !== undefined) {
      const isOther = reading.role === "password" && !seen.isPassword && seen.isCall;
      return this.#touch(input, traffic, {
        contradiction: isOther ? "sign-in" : null,
        fallback: seen.isPassword ? fallback : null,
      });
    }
    if (fallback === null) return result(input, {});
    const before = reading.role === "password" ? this.#callerAt(input) : undefined;
    const handshake = before ?? this.#handshakeOf(input, `${server}\n\nsign-in`);
    const after = withRowSignIn(withRow(handshake, row, reading), row, fallback !== "cloud-user-agent");
    const isPassword = reading.role === "password";
    return result(input, {
      ...this.#put(after),
      fallback: isPassword ? fallback : null,
      isServiceSignIn: !isPassword,
    });
  }

  /** The handshake of rows whose caller this program was last: its password stands in place of that token. */
  #callerAt({ row, server }: RowInput): Handshake | undefined {
    const last = this.#store.get(this.#programs.handshakeOf(row));
    return last?.server === server && last.transactionCount === 0 ? last : undefined;
  }

  /** The evidence that a service signed in without its token; a person's program never counts. */
  #fallbackOf({ row, reading, server }: RowInput): FallbackEvidence | null {
    if (!isServiceEndpoint(endpointOf(server, row.path)) || isPersonsProgram(row)) return null;
    return reading.isCloud ? "cloud-user-agent" : this.#programs.evidenceOf(row, server);
  }

  #acceptToken(input: RowInput, seen: SeenRequest | undefined): RowCorrelation {
    const { row, reading, server } = input;
    const traffic = this.#store.get(seen?.handshakeId);
    if (traffic !== undefined) return this.#touch(input, traffic, {});
    const isSignIn = row.log === "entra-sign-in";
    const id = reading.caller?.id ?? "";
    const key = isSignIn ? `${server}\n${id}\nsign-in log` : `${server}\n${row.server}\ntoken`;
    const known = this.#store.get(this.#byKey.get(key));
    // That Entra gave a token says nothing of Exchange: it only ends an earlier refusal.
    if (isSignIn && known === undefined && row.isTokenGiven === true) return result(input, {});
    if (isSignIn && !isOfExchange(id) && id !== this.#hybridApp) return result(input, {});
    const handshake = known ?? this.#handshakeOf(input, key);
    const after = withTokenAnswer(withRow(handshake, row, reading), row);
    this.#store.put(after);
    return result(input, { handshake: after });
  }

  /** Adds a row to the handshake of the captured request that it is about, and counts nothing. */
  #touch(input: RowInput, traffic: Handshake, said: Partial<RowCorrelation>): RowCorrelation {
    const after = withRowBeside(traffic, input.row);
    this.#store.put(after);
    return result(input, { ...said, ...this.#groups.changeTraffic(after), isInTraffic: true });
  }

  /** A call whose rows do not name the application stays in the handshake of its other row. */
  #handshakeOfCall(input: RowInput): Handshake {
    const { call, reading, server } = input;
    const known = reading.caller === null ? this.#store.get(call.handshakeId) : undefined;
    return known?.server === server ? known : this.#handshakeOf(input, keyOfCall(input));
  }

  #handshakeOf({ row, server }: RowInput, key: string): Handshake {
    const known = this.#store.get(this.#byKey.get(key));
    if (known !== undefined && known.transactionCount === 0) return known;
    const handshake = newLogHandshake(this.#store.nextId(), server, row);
    this.#byKey.set(key, handshake.id);
    return handshake;
  }

  #put(handshake: Handshake): Pick<RowCorrelation, "handshake" | "changed" | "absorbed"> {
    this.#store.put(handshake);
    return this.#groups.changeRows(handshake);
  }
}

/** A sign-in names no host: Entra lists those of all its clouds. */
function listedBy({ log }: LogRow): string {
  return log === "entra-sign-in" ? "Microsoft Entra ID" : "";
}

/** The application that any row of the call names. */
function namedBy(call: LoggedCall, reading: RowReading): RowReading {
  const { role, caller, realm, shownBy, lane } = reading;
  if (caller !== null) call.named ??= { caller, realm, shownBy, lane };
  const isCall = role === "call" || (role === "probe" && call.outcome === "refused");
  if (caller !== null || !isCall || call.named === null) return reading;
  return { ...reading, ...call.named, lane: lane === "user" ? lane : call.named.lane };
}
