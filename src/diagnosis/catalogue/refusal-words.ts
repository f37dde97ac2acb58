import type { DiagnosticsDetail } from "../../decoders/facts.ts";

/** Details that every refusal of a token has. */
export interface Refusal {
  readonly host: string;
  readonly caller: string;
  /** `401, 2000006 invalid_client`: digits and fixed words. */
  readonly answer: string;
  /** The cause that the text names beyond number and category; null when it names none. */
  readonly detail: DiagnosticsDetail | null;
}

/** The first clause of a refusal's sentence. */
export function refusalClause({ host, caller, answer }: Refusal): string {
  return `${host} refused ${caller} (${answer})`;
}
