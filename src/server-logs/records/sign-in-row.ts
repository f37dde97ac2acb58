// Which sign-ins become rows: those of service principals that ask for Exchange, Microsoft Graph or the token service, and those of
// applications that are known. A sign-in shows what the token service did, never what Exchange did.
import type { LogRow } from "../../core/log-row.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import type { RowPlace, RowReading } from "../row-reader.ts";
import { silentRow } from "../silent-row.ts";
import type { SignIn } from "./sign-in.ts";

const longestText = 300;
const resources: ReadonlySet<string> = new Set([
  "00000002-0000-0ff1-ce00-000000000000",
  "00000003-0000-0000-c000-000000000000",
  "00000001-0000-0000-c000-000000000000",
  "00000004-0000-0ff1-ce00-000000000000",
]);
const resourceNames = /^(?:Office 365 Exchange Online|Exchange Online|Microsoft Graph|Skype for Business Online)$/i;

/** The row of a sign-in; those of persons, of managed identities and for other resources are dropped. */
export function signInRow(signIn: SignIn, place: RowPlace): RowReading {
  const { applicationId, time } = signIn;
  if (signIn.who === "other") return { kind: "dropped" };
  if (applicationId === null || time === null) return { kind: "unreadable" };
  if (!isWanted(applicationId, signIn)) return { kind: "dropped" };
  return { kind: "row", row: { ...place, ...membersOf(signIn, applicationId, time.at) } };
}

function isWanted(applicationId: string, { resourceId, resourceName }: SignIn): boolean {
  if (resourceId !== null && resources.has(resourceId)) return true;
  if (resourceNames.test(resourceName.trim())) return true;
  const known = wellKnownApplication(applicationId);
  return known !== undefined && known.role !== "other";
}

function membersOf(signIn: SignIn, applicationId: string, at: number): Omit<LogRow, "id" | "file" | "line"> {
  const { errorCode, certificate } = signIn;
  return {
    ...silentRow,
    log: "entra-sign-in",
    side: "token-service",
    direction: "to-cloud",
    endedAt: at,
    client: signIn.client.slice(0, 64),
    clientRequestId: signIn.correlationId,
    caller: { applicationId, shownBy: "sign-in log" },
    realm: signIn.tenant,
    operation: signIn.resourceId,
    isTokenGiven: errorCode === null ? null : errorCode === 0,
    refusal:
      errorCode === null || errorCode === 0
        ? null
        : { code: errorCode, category: null, text: signIn.reason.replace(/\s+/g, " ").trim().slice(0, longestText) },
    ...(certificate === null ? {} : { certificate }),
  };
}
