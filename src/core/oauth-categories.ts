// The causes for which Exchange refuses a token: the numbers of `x-ms-diagnostics` and their names.

/**
 * Causes by number (2000001, 2000003, 2000005, 2000008, 2000010, 2000020, 4000000 in public samples; the others observed), as
 * `error_category` writes them.
 */
export const oauthCategories = {
  "2000000": "invalid_signature",
  "2000001": "invalid_token",
  "2000002": "token_expired",
  "2000003": "invalid_resource",
  "2000004": "invalid_tenant",
  "2000005": "invalid_user",
  "2000006": "invalid_client",
  "2000007": "internal_error",
  "2000008": "invalid_grant",
  "2000009": "invalid_certificate",
  "2000010": "insufficient_auth_strength",
  // "Universal tenant restrictions" (learn.microsoft.com)
  "2000020": "insufficient_claims",
  "4000000": "oauth_not_available",
} as const;

const codeByName: ReadonlyMap<string, number> = new Map(
  Object.entries(oauthCategories).map(([code, name]) => [name.replaceAll("_", ""), Number(code)]),
);

/** The number of a cause, named as in a header (`invalid_token`) or as in a log (`InvalidToken`); null for another name. */
export function codeOfOAuthCategory(name: string): number | null {
  return codeByName.get(name.replaceAll("_", "").toLowerCase()) ?? null;
}
