// Provides the token for Microsoft Graph: fetched once, checked, and kept in memory until five minutes before it expires.
import type { TokenSource } from "../graph/graph-client.ts";
import type { SecretFilter } from "../model/hide-secrets.ts";
import { Stop } from "../model/stop.ts";
import { type CheckedToken, checkToken, type TokenExpectation } from "./check-token.ts";

export interface TokenSourceOptions {
  /** Fetches a token: from the environment, `az`, a device code, or client credentials. */
  readonly fetchToken: () => Promise<string>;
  readonly expected: Omit<TokenExpectation, "now">;
  readonly now: () => number;
  readonly secrets: Pick<SecretFilter, "learn">;
  readonly onWarning: (text: string) => void;
}

/** Creates a source that checks every token before its use and registers it with the secret filter. */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  let held: CheckedToken | null = null;
  let refused: Stop | null = null;
  let lastActor = "";
  const warned = new Set<string>();
  return {
    async token(refresh) {
      const now = options.now();
      if (held !== null && refresh === "any" && held.expiresAt - now > 300_000) return held.token;
      // After one refusal the person is not prompted again for every further step.
      if (refused !== null) throw refused;
      held = await fetchChecked(options, now).catch((error: unknown) => {
        if (error instanceof Stop) refused = error;
        throw error;
      });
      lastActor = held.actor;
      for (const warning of held.warnings) if (!warned.has(warning)) options.onWarning(warning);
      for (const warning of held.warnings) warned.add(warning);
      return held.token;
    },
    actor: () => lastActor,
  };
}

async function fetchChecked(options: TokenSourceOptions, now: number): Promise<CheckedToken> {
  const fetched = await options.fetchToken();
  options.secrets.learn(fetched.trim());
  return checkToken(fetched, { ...options.expected, now });
}
