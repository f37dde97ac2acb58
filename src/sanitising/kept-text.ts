// Text that is kept for its meaning, without what may stand in it beside: people, tokens, text that a machine made.
import { withoutOpaqueRuns } from "./opaque-text.ts";
import { withoutPeople } from "./people.ts";
import { withoutChanceWords } from "./plain-words.ts";
import { type Pseudonymise, redactedValue } from "./redaction.ts";
import { withoutTokens } from "./safe-token.ts";

/** Words of servers and programs for people: everything but that stays. */
export function keptText(text: string, pseudonymise: Pseudonymise): string {
  const safe = withoutTokens(withoutPeople(text, pseudonymise), pseudonymise);
  return withoutOpaqueRuns(safe, (found) => (isSegment(found) ? found : redactedValue(found, pseudonymise)));
}

/** A value that names something (a scope, a resource, a program): words that look drawn by chance go, short ones, too. */
export function keptName(text: string, pseudonymise: Pseudonymise): string {
  return withoutChanceWords(keptText(text, pseudonymise), pseudonymise);
}

// Segments of a token that was made safe before.
function isSegment(text: string): boolean {
  return text.startsWith("ey") || text.startsWith("ew");
}
