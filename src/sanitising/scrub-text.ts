// Removes people, tokens, credentials and random text from text that is kept for its meaning.

import { withoutOpaqueRuns } from "../core/opaque-text.ts";
import { packedText } from "./coded-text.ts";
import { withoutPeople } from "./people.ts";
import { withoutRandomWords } from "./plain-words.ts";
import { isRedacted, type Pseudonymise, redactedValue } from "./redaction.ts";
import { withSafeTokens } from "./safe-token.ts";

/** A sentence of a server or a program without people, tokens, credentials and random text. */
export function scrubText(text: string, pseudonymise: Pseudonymise): string {
  return withoutOpaqueRuns(scrubWords(text, pseudonymise), (found) =>
    isSegment(found) ? found : redactedValue(found, pseudonymise),
  );
}

/** As `scrubText`, but keeps random text: for sentences with names of keys. */
export function scrubWords(text: string, pseudonymise: Pseudonymise): string {
  return withSafeTokens(withoutPeople(withoutCredentials(text, pseudonymise), pseudonymise), pseudonymise);
}

const basic = /(?<![A-Za-z0-9])(Basic\s{1,16})([A-Za-z0-9+/_-]{4,4096}={0,2})/gi;
const bearer =
  /(?<![A-Za-z0-9])((?:Bearer|NTLM|Negotiate)\s{1,16})(?!e[yw])([A-Za-z0-9+/_.~-]{12,4096}={0,2})(?![A-Za-z0-9=])/gi;
const named =
  /((?:password|passwd|pwd|secret|api_?key|(?:refresh|access|id)_?token|assertion|cookie|canary|ticket)["']?\s{0,4}[=:]\s{0,4}["']?)(?![^\s"'&<>;,]{1,128}=<)(?:([^\s"'&<>;,=]{1,128}=))?([^\s"'&<>;,]{3,4096})/gi;
const pem = /-----BEGIN [A-Z0-9 ]{1,40}-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z0-9 ]{1,40}-----)?/g;

/** Removes credentials that a server repeats in its text. */
function withoutCredentials(text: string, pseudonymise: Pseudonymise): string {
  const hide = (value: string): string => (isRedacted(value) ? value : redactedValue(value, pseudonymise));
  return text
    .replace(basic, (found, scheme: string, packed: string) =>
      packedText(packed)?.includes(":") === true ? `${scheme}${hide(packed)}` : found,
    )
    .replace(bearer, (found, scheme: string, value: string) =>
      /\d/.test(value) && /[A-Za-z]/.test(value) ? `${scheme}${hide(value)}` : found,
    )
    .replace(named, (found, name: string, inner: string | undefined, value: string) =>
      /^e[yw]/.test(value) || /^\*+$|^redacted-/.test(value) ? found : `${name}${inner ?? ""}${hide(value)}`,
    )
    .replace(pem, hide);
}

/** As `scrubText`, for a name (a scope, a resource, a program): also removes short random words. */
export function scrubName(text: string, pseudonymise: Pseudonymise): string {
  return withoutRandomWords(scrubText(text, pseudonymise), pseudonymise);
}

// Segments of a sanitised token.
function isSegment(text: string): boolean {
  return text.startsWith("ey") || text.startsWith("ew");
}
