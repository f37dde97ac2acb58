import type { Analysis, HandshakeReport, TrafficRow } from "../../src/diagnosis/analysis.ts";
import { directionsOf } from "../../src/diagnosis/directions.ts";
import type { FilterSubject } from "../../src/filter/subject.ts";

/** A row of the table with default values. */
export function row(id: string, parts: Partial<TrafficRow> = {}): TrafficRow {
  return {
    id,
    at: Date.UTC(2026, 0, 15, 12),
    client: "127.0.0.1:50000",
    method: "POST",
    scheme: "https",
    host: "mail.contoso.example",
    path: "/EWS/Exchange.asmx",
    status: 200,
    auth: "Bearer",
    detail: "acts as user",
    bytes: 1234,
    durationMs: 12.4,
    handshakeId: "h1",
    direction: null,
    route: "ews",
    tokenService: "acs",
    worst: null,
    ...parts,
  };
}

export function handshake(parts: Partial<HandshakeReport> = {}): HandshakeReport {
  return {
    id: "h1",
    client: "127.0.0.1",
    server: "mail.contoso.example",
    verdict: "oauth-confirmed",
    stage: "trusted",
    direction: "inbound",
    route: "ews",
    tokenService: "acs",
    principal: { id: "00000004-0000-0ff1-ce00-000000000000", name: "Skype for Business Online" },
    realm: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa",
    issuerAsSeen: "00000004-0000-0ff1-ce00-000000000000@7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa",
    actingAs: null,
    lanes: { application: "accepted", user: "unseen" },
    isTokenDenied: false,
    refusingServers: [],
    signIns: [],
    signature: "verified",
    signingKey: "",
    transactions: ["t1", "t2"],
    basis: "traffic",
    callerShownBy: null,
    steps: [
      { step: "probe", state: "ok", transactionId: "t1", note: "401 offering Bearer" },
      { step: "token", state: "unseen", transactionId: null, note: "" },
      { step: "answer", state: "failed", transactionId: "t2", note: "401" },
    ],
    startedAt: 0,
    endedAt: 1,
    ...parts,
  };
}

export function analysis(parts: Partial<Analysis> = {}): Analysis {
  const counts = {
    transactions: 2,
    jwts: 0,
    actorTokens: 0,
    basicCredentials: 0,
    bearerProbes: 0,
    challenges: 0,
    ntlmMessages: 0,
    tokenRequests: 0,
    status401: 0,
    logRows: 0,
    logRowsDropped: 0,
  };
  const handshakes = parts.handshakes ?? [handshake()];
  const directions = directionsOf(handshakes);
  return { verdict: "oauth-confirmed", directions, counts, handshakes, findings: [], checklist: [], ...parts };
}

/** A row as it is sent to the screen. */
export function subject(id: string, parts: Partial<TrafficRow> = {}, more: Partial<FilterSubject> = {}): FilterSubject {
  return { row: row(id, parts), direction: "S>X", token: null, findings: [], ...more };
}
