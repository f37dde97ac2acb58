/** The role of an application: a token service, Exchange, a caller of Exchange, or none of these. */
export type ApplicationRole = "sts" | "exchange" | "caller" | "other";

/** One row of the table. `isConfirmed` is false where no primary source was read: word it as likely, never as certain. */
export interface WellKnownApplication {
  readonly id: string;
  readonly name: string;
  readonly role: ApplicationRole;
  readonly isConfirmed: boolean;
}

function confirmed(id: string, name: string, role: ApplicationRole): WellKnownApplication {
  return { id, name, role, isConfirmed: true };
}

function likely(id: string, name: string): WellKnownApplication {
  return { id, name, role: "other", isConfirmed: false };
}

// The first group alone is ambiguous: …0003-0000-0ff1-ce00… is SharePoint, …0003-0000-0000-c000… is Microsoft Graph.
/** Application ids that Microsoft uses in every tenant, in lower case. Those of a customer are given as `applications`. */
export const wellKnownApplications: readonly WellKnownApplication[] = [
  confirmed("00000001-0000-0000-c000-000000000000", "Microsoft token service (ACS)", "sts"),
  // [MS-XOAUTH] 4.3 and 4.6 spell the token service with another second group; likely a slip of the specification.
  likely("00000001-0001-0000-c000-000000000000", "Token service as in the [MS-XOAUTH] samples"),
  confirmed("00000002-0000-0ff1-ce00-000000000000", "Exchange", "exchange"),
  likely("00000002-0000-0ff1-ce00-200000000000", "Exchange self-issued tokens (realm)"),
  // [MS-SPS2SAUTH] 3.1.5
  confirmed("00000003-0000-0ff1-ce00-000000000000", "SharePoint", "other"),
  confirmed("00000004-0000-0ff1-ce00-000000000000", "Skype for Business Online", "caller"),
  likely("00000005-0000-0ff1-ce00-000000000000", "Viva Engage (Yammer)"),
  likely("00000006-0000-0ff1-ce00-000000000000", "Office portal"),
  likely("00000007-0000-0ff1-ce00-000000000000", "Exchange Online Protection"),
  confirmed("00000002-0000-0000-c000-000000000000", "Azure AD Graph", "other"),
  confirmed("00000003-0000-0000-c000-000000000000", "Microsoft Graph", "other"),
  likely("00000007-0000-0000-c000-000000000000", "Dynamics CRM"),
  likely("0000000a-0000-0000-c000-000000000000", "Microsoft Intune"),
  confirmed("7557eb47-c689-4224-abcf-aef9bd7573df", "Teams Scheduler", "caller"),
  confirmed("db7de2b5-2149-435e-8043-e080dd50afae", "Cloud Voicemail", "caller"),
  confirmed("cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", "Microsoft Teams", "caller"),
  confirmed("48af08dc-f6d2-435f-b2a7-069abd99c086", "RestConnector", "caller"),
];

const byId: ReadonlyMap<string, WellKnownApplication> = new Map(wellKnownApplications.map((row) => [row.id, row]));

/** The entry of an application id (a whole GUID in any letter case), else undefined. */
export function wellKnownApplication(id: string): WellKnownApplication | undefined {
  return byId.get(id) ?? byId.get(id.toLowerCase());
}

// Microsoft's first applications were numbered: such an id that is not in the table is another application, not a misspelt one.
const numbered = /^000000[0-9a-f]{2}-000[0-9]-(?:0ff1-ce00|0000-c000)-000000000000$/;

/**
 * The application whose id differs from a text by one or two characters. The text never counts as that application; this helps a
 * person to find the mistake. Undefined for a known id and for any other text.
 */
export function nearMissOf(id: string): WellKnownApplication | undefined {
  const text = id.toLowerCase();
  if (text.length < 34 || text.length > 38 || byId.has(text) || numbered.test(text)) return undefined;
  let nearest: WellKnownApplication | undefined;
  let least = 3;
  for (const row of wellKnownApplications) {
    const edits = editsBetween(text, row.id);
    if (edits < least) [nearest, least] = [row, edits];
  }
  return nearest;
}

/** Levenshtein distance: characters to add, remove or change. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const swap = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Name of the application of `--hybrid-app` where the configuration gives it none. */
export const hybridAppName = "your dedicated hybrid application";
