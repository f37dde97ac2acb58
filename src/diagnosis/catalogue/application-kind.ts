// The owner of an application id, as far as remedies depend on it.
import { isGuid } from "../../core/principals.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { wellKnownClient } from "../../core/well-known-clients.ts";

/** The shared first-party service principal of Exchange Online; Exchange Server called with it until October 2025. */
export const exchangeId = "00000002-0000-0ff1-ce00-000000000000";

/** The legacy application of Skype for Business Online. */
export const skypeId = "00000004-0000-0ff1-ce00-000000000000";

/**
 * `exchange` the shared principal; `service` one that the procedure sets up; `microsoft` another one of Microsoft's; `person` a
 * program of a person; `own` any other id, such as the tenant's dedicated hybrid application; `unknown` no id at all.
 */
export type ApplicationKind = "exchange" | "service" | "microsoft" | "person" | "own" | "unknown";

const ofProcedure: ReadonlySet<string> = new Set([
  skypeId,
  "7557eb47-c689-4224-abcf-aef9bd7573df",
  "db7de2b5-2149-435e-8043-e080dd50afae",
]);

/** A placeholder id of an `own` application, for the examples of the catalogue. */
export const sampleApplicationId = "ffffffff-ffff-4fff-8fff-ffffffffffff";

/** The kind of an application id in lower case. A name in the configuration does not change it. */
export function applicationKind(id: string): ApplicationKind {
  if (!isGuid(id)) return "unknown";
  if (id === exchangeId) return "exchange";
  if (ofProcedure.has(id)) return "service";
  if (wellKnownClient(id) !== undefined) return "person";
  return wellKnownApplication(id) === undefined ? "own" : "microsoft";
}
