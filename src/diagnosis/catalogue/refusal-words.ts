import type { DiagnosticsDetail } from "../../decoders/facts.ts";

/** What every refusal of a token says. */
export interface Refusal {
  readonly host: string;
  readonly caller: string;
  /** `401, 2000006 invalid_client`: our words. */
  readonly answer: string;
  /** What the text names beyond number and category; null when it names nothing. */
  readonly detail: DiagnosticsDetail | null;
}

/** How its sentence begins. */
export function refusalClause({ host, caller, answer }: Refusal): string {
  return `${host} refused ${caller} (${answer})`;
}
