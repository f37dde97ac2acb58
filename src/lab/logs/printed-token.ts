// A token as Exchange prints it in its logs, and the names that it takes from one. Reads base64url and JSON only: the decoders of
// this program are tested by these logs.

interface Part {
  readonly header: string;
  readonly claims: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** `{header}.{claims}`, and of an outer token `; actor: {header}.{claims}`, without signatures. Null when it cannot be parsed. */
export function printToken(compact: string): string | null {
  const outer = parse(compact);
  if (outer === null) return null;
  const { actortoken, ...claims } = outer.values;
  if (typeof actortoken !== "string") return `${outer.header}.${outer.claims}`;
  const actor = parse(actortoken);
  return actor === null ? null : `${outer.header}.${JSON.stringify(claims)}; actor: ${actor.header}.${actor.claims}`;
}

/** Whom a token names: the application, and the user that it acts for. */
export interface TokenNames {
  readonly applicationId: string;
  /** Kind → name, in Exchange's order; null for a token of an application alone. */
  readonly user: readonly (readonly [string, string])[] | null;
}

/** Null when the token cannot be parsed or names no application. */
export function namesIn(compact: string): TokenNames | null {
  const outer = parse(compact);
  if (outer === null) return null;
  const { actortoken } = outer.values;
  const actor = typeof actortoken === "string" ? parse(actortoken) : outer;
  const applicationId = String(actor?.values.nameid ?? "").split("@")[0] ?? "";
  if (applicationId === "") return null;
  return { applicationId, user: actor === outer ? null : userNames(outer.values) };
}

function userNames(claims: Readonly<Record<string, unknown>>): (readonly [string, string])[] {
  const named = { netid: claims.nameid, upn: claims.upn, smtp: claims.smtp, sip: claims.sip };
  return Object.entries(named).flatMap(([kind, name]) => (typeof name === "string" ? [[kind, name] as const] : []));
}

function parse(compact: string): Part | null {
  const [header = "", claims = ""] = compact.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"));
  try {
    const values: unknown = JSON.parse(claims);
    JSON.parse(header);
    return typeof values === "object" && values !== null ? { header, claims, values: { ...values } } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
