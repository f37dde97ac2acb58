// Findings that need the whole capture. They are computed for each snapshot and can change until the end of the capture.

import type { LogFileReport, LogRow } from "../core/log-row.ts";
import { realmKindOf } from "../core/principals.ts";
import { evidenceIds } from "../handshake/evidence.ts";
import type { Handshake } from "../handshake/reduce.ts";
import type { RowCorrelation } from "../handshake/rows/row-correlation.ts";
import { isOfLog } from "../handshake/rows/shown-handshake.ts";
import { explain, type Finding, type FindingReport } from "./catalogue/finding.ts";
import { type EwsOnlineUse, startEwsOnline } from "./ews-online.ts";
import { startLogRecord } from "./logs/log-record.ts";
import {
  type CredentialRecord,
  classifyCredentials,
  findRemoval,
  newCredentialRecord,
  noteCredentials,
  type RemovalKind,
} from "./rules/credential-record.ts";
import type { RuleInput } from "./rules/rule.ts";
import { startServerIdentities } from "./server-identities.ts";
import { judgeHandshake } from "./verdict.ts";

export interface Conclusions {
  add(input: RuleInput): void;
  addRow(row: LogRow, correlation: RowCorrelation): void;
  addFile(report: LogFileReport): void;
  draw(handshakes: readonly Handshake[], transactions: number, forgotten: number): DrawnConclusions;
}

export interface DrawnConclusions {
  readonly findings: readonly FindingReport[];
  /** How credentials were removed (`masked` when any host shows markers); null when none were. */
  readonly removed: RemovalKind | null;
  readonly ewsOnline: readonly EwsOnlineUse[];
}

interface HostRecord extends CredentialRecord {
  isTokenAccepted: boolean;
  lastMessageAccepted: number;
  readonly lastMessageRefused: string[];
}

const hostLimit = 256;
const evidenceLimit = 20;

/** Starts to collect evidence, in bounded memory. `isExcerpt`: the input is one message, not a capture. */
export function startConclusions(isExcerpt: boolean): Conclusions {
  let isTokenIssued = false;
  const hosts = new Map<string, HostRecord>();
  const ewsOnline = startEwsOnline();
  const identities = startServerIdentities();
  const logs = startLogRecord();
  const recordOf = (host: string): HostRecord | null => {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    if (hosts.size >= hostLimit) return null;
    const record: HostRecord = {
      isTokenAccepted: false,
      lastMessageAccepted: 0,
      lastMessageRefused: [],
      ...newCredentialRecord(),
    };
    hosts.set(host, record);
    return record;
  };
  return {
    add(input) {
      ewsOnline.add(input);
      if (input.tokens.some(({ signature }) => signature !== "absent")) logs.noteToken();
      if (input.facts.tokenAnswer?.isIssued === true) isTokenIssued = true;
      identities.add(input);
      const seen = classifyCredentials(input, isTokenIssued);
      const isEvidence = isAcceptance(input) || isLastMessage(input);
      const record = seen === null && !isEvidence ? null : recordOf(input.host);
      if (record === null) return;
      if (seen !== null) noteCredentials(record, seen, input.transaction.id);
      if (isEvidence) noteAnswer(record, input);
    },
    addRow: (row, correlation) => logs.addRow(row, correlation),
    addFile: (report) => logs.addFile(report),
    draw(handshakes, transactions, forgotten) {
      const removed = [...hosts].flatMap(([host, record]) => {
        const found = findRemoval(record, isExcerpt);
        return found === null ? [] : [{ host, ...found }];
      });
      const isRemovedAt = new Set(removed.map(({ host }) => host));
      const nothing = transactions > 0 && handshakes.length === 0 && forgotten === 0 && removed.length === 0;
      const findings = [
        ...removed.map(({ host, how, evidence }) => report({ code: "CREDENTIALS_REMOVED", host, how }, evidence)),
        ...judgeExtended(hosts),
        ...ewsOnline.findings(),
        ...identities.findings(),
        ...judgeLegacyOnly(handshakes),
        // The call that followed succeeded, perhaps, and such a call leaves no trace of a failed request.
        ...(logs.hasTraces() ? [] : judgeUnfollowed(handshakes.filter(({ server }) => !isRemovedAt.has(server)))),
        ...judgeLogOnly(handshakes),
        ...logs.findings({ hasHandshakes: handshakes.length + forgotten > 0, transactions }),
        ...(nothing ? [report({ code: "NO_SERVICE_REQUEST" }, [])] : []),
        ...(forgotten > 0 ? [report({ code: "HANDSHAKES_FORGOTTEN", count: forgotten }, [])] : []),
      ];
      const how = removed.some((one) => one.how === "masked") ? "masked" : (removed[0]?.how ?? null);
      return { findings, removed: how, ewsOnline: ewsOnline.uses() };
    },
  };
}

/** Hosts that accept tokens and refuse every last message of NTLM. */
function judgeExtended(hosts: ReadonlyMap<string, HostRecord>): readonly FindingReport[] {
  return [...hosts]
    .filter(([, record]) => record.isTokenAccepted && record.lastMessageAccepted === 0)
    .filter(([, record]) => record.lastMessageRefused.length > 0)
    .map(([host, record]) => report({ code: "EXTENDED_PROTECTION", host }, record.lastMessageRefused));
}

function isAcceptance({ correlation }: RuleInput): boolean {
  return correlation.outcome === "accepted";
}

function isLastMessage({ facts: { ntlmSent } }: RuleInput): boolean {
  return ntlmSent?.isNtlm === true && ntlmSent.type === "authenticate";
}

function noteAnswer(record: HostRecord, input: RuleInput): void {
  const { id, response } = input.transaction;
  if (isAcceptance(input)) record.isTokenAccepted = true;
  if (isLastMessage(input) && response !== null) addWindowsAnswer(record, id, response.status);
}

function addWindowsAnswer(record: HostRecord, transactionId: string, status: number): void {
  if (status !== 401) record.lastMessageAccepted += 1;
  else if (record.lastMessageRefused.length < evidenceLimit) record.lastMessageRefused.push(transactionId);
}

const legacy = "00000004-0000-0ff1-ce00-000000000000";
const successors = ["7557eb47-c689-4224-abcf-aef9bd7573df", "db7de2b5-2149-435e-8043-e080dd50afae"];

function judgeLegacyOnly(handshakes: readonly Handshake[]): readonly FindingReport[] {
  // A domain as the realm means direct trust: Skype for Business Server itself, which has only this id.
  const fromCloud = handshakes.filter(({ realm }) => realmKindOf(realm) !== "domain");
  const callers = new Set(fromCloud.map(({ caller }) => caller?.id));
  if (!callers.has(legacy) || successors.some((id) => callers.has(id))) return [];
  const realms = new Map<string, string[]>();
  // Rows that a log lacks prove nothing: its files are deleted by age and size.
  for (const { caller, realm, evidence } of fromCloud.filter((one) => !isOfLog(one))) {
    if (caller?.id !== legacy) continue;
    const ids = realms.get(realm) ?? [];
    const first = evidence.first[0];
    if (first !== undefined && ids.length < evidenceLimit) ids.push(first);
    realms.set(realm, ids);
  }
  return [...realms].map(([realm, ids]) => report({ code: "LEGACY_PRINCIPAL_ONLY", realm }, ids));
}

/** Verdicts that rest on rows of logs alone, by host. */
function judgeLogOnly(handshakes: readonly Handshake[]): readonly FindingReport[] {
  const hosts = new Map<string, string[]>();
  for (const handshake of handshakes) {
    if (!isOfLog(handshake) || judgeHandshake(handshake) === "inconclusive") continue;
    const ids = [...(hosts.get(handshake.server) ?? []), ...evidenceIds(handshake.evidence)];
    hosts.set(handshake.server, ids.slice(0, evidenceLimit));
  }
  return [...hosts].map(([host, ids]) => report({ code: "LOG_EVIDENCE_ONLY", host }, ids));
}

/** A probe and a challenge without a token after them. Observed also of callers that know none of the trusted issuers. */
function judgeUnfollowed(handshakes: readonly Handshake[]): readonly FindingReport[] {
  const hosts = new Map<string, string[]>();
  for (const { caller, steps, hasChallenge, otherSignIns, server, evidence } of handshakes) {
    const isUnfollowed = caller === null && steps.token === undefined && otherSignIns.length === 0;
    if (!isUnfollowed || !hasChallenge || steps.probe === undefined) continue;
    hosts.set(server, [...(hosts.get(server) ?? []), ...evidenceIds(evidence)].slice(0, evidenceLimit));
  }
  return [...hosts].map(([host, ids]) => report({ code: "TOKEN_DID_NOT_FOLLOW", host }, ids));
}

function report(finding: Finding, evidence: readonly string[]): FindingReport {
  return { ...explain(finding), evidence, count: Math.max(1, evidence.length) };
}
