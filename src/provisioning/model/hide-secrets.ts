// Removes secrets from everything that a run writes or shows: journal, transcript, bundle, screen, errors.
// Thumbprints, public certificates and GUIDs stay: the procedure is about them.

// Each run of base64url is tried once, from its first character: tried from every `ey` in it, one long run would take quadratic time.
const jwt =
  /(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.)([A-Za-z0-9_-]*?)e[yw][A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*)?/g;
const authorization = /\b(bearer|basic|negotiate|ntlm)\s+[A-Za-z0-9+/=_.~-]{4,}/gi;
const named =
  /("?\b(?:client_secret|client_assertion|assertion|device_code|refresh_token|access_token|id_token|password|passwort|pwd|secret|code_verifier)\b"?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&}"']+)/gi;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

export interface SecretFilter {
  /** Hides this exact text from now on, wherever it appears. */
  learn(secret: string): void;
  hide(text: string): string;
}

/** Creates a filter that hides what looks like a secret, and every secret that it has learned. */
export function createSecretFilter(): SecretFilter {
  const known = new Set<string>();
  return {
    learn(secret) {
      if (secret.length >= 4) known.add(secret);
    },
    hide(text) {
      let hidden = text;
      for (const secret of known)
        hidden = hidden.replaceAll(secret, "<hidden>").replaceAll(jsonText(secret), "<hidden>");
      return hidden
        .replace(privateKey, "<private key>")
        .replace(jwt, "$1<token>")
        .replace(authorization, "$1 <hidden>")
        .replace(
          named,
          (_whole, name: string, value: string) => `${name}${/^["']/.test(value) ? '"<hidden>"' : "<hidden>"}`,
        );
    },
  };
}

/** Hides secrets in every string of a value. Filtering the finished JSON text instead could break its syntax. */
export function hideIn(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === "string") return hide(value);
  if (Array.isArray(value)) return value.map((each: unknown) => hideIn(each, hide));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hideIn(each, hide)]));
}

function jsonText(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
