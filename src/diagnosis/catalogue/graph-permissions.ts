// The permissions of the dedicated hybrid application on Microsoft Graph, and the feature of Exchange Server that each serves
// (the four that ConfigureExchangeHybridApplication.ps1 requests).
import type { S2sToken } from "../../decoders/facts.ts";
import type { GraphFamily } from "../../decoders/graph-facts.ts";

export interface GraphPermission {
  /** The application permission, as `roles` of a token spells it. */
  readonly permission: string;
  /** The calls that need it. */
  readonly family: GraphFamily;
  /** What users of Exchange Server lose without it. */
  readonly feature: string;
  /** Other application permissions that Microsoft's reference lists for the same calls. */
  readonly others: readonly string[];
}

/** The usual name of what a call asks Graph for. */
export const graphOperations: Readonly<Record<GraphFamily, string>> = {
  "free-busy": "getSchedule",
  "mail-tips": "getMailTips",
  "mailbox-settings": "mailboxSettings",
  photo: "photo",
  batch: "$batch",
  unknown: "a call",
};

/** In the order of Microsoft's script. */
export const graphPermissions: readonly GraphPermission[] = [
  {
    permission: "Calendars.Read",
    family: "free-busy",
    feature: "free/busy",
    others: ["Calendars.ReadWrite", "Calendars.ReadBasic", "Calendars.ReadBasic.All"],
  },
  {
    permission: "MailboxSettings.Read",
    family: "mailbox-settings",
    feature: "mailbox settings",
    others: ["MailboxSettings.ReadWrite"],
  },
  {
    permission: "MailTips.ReadBasic.All",
    family: "mail-tips",
    feature: "MailTips (automatic replies)",
    others: ["Mail.Read", "Mail.ReadWrite"],
  },
  {
    permission: "ProfilePhoto.Read.All",
    family: "photo",
    feature: "photos",
    others: ["ProfilePhoto.ReadWrite.All", "User.Read.All", "User.ReadWrite.All"],
  },
];

/** The permission that calls of a family need; null for a batch and for an unknown path. */
export function permissionFor(family: GraphFamily): GraphPermission | null {
  return graphPermissions.find((one) => one.family === family) ?? null;
}

const roleLimit = 256;

/**
 * The application permissions in a token; empty when it has none, as Entra then leaves `roles` out. Null for the token of a person
 * (`scp`), whose rights are not in it, and for a claim that is not a list of texts.
 */
export function rolesOf({ claims }: Pick<S2sToken, "claims">): readonly string[] | null {
  if (claims.scp !== undefined) return null;
  const { roles } = claims;
  if (roles === undefined) return [];
  if (!Array.isArray(roles) || roles.length > roleLimit) return null;
  return roles.every((role): role is string => typeof role === "string") ? roles : null;
}

/** True when the roles allow the calls of that permission, by itself or by another one that includes it. */
export function isGranted({ permission, others }: GraphPermission, roles: readonly string[]): boolean {
  const granted = new Set(roles.map((role) => role.toLowerCase()));
  return [permission, ...others].some((name) => granted.has(name.toLowerCase()));
}
