import type { GraphCall } from "../model/change.ts";
import type { PlanItem } from "../model/step.ts";

/** A Graph change as one line: method, path, and the list or object that it sets. */
export function graphRequestText(call: GraphCall): string {
  const place = `/v1.0/servicePrincipals(appId='${call.appId}')`;
  switch (call.operation) {
    case "create-service-principal":
      return `POST /v1.0/servicePrincipals {"appId":"${call.appId}"}`;
    case "delete-service-principal":
      return `DELETE /v1.0/servicePrincipals/${call.id}`;
    case "add-keys":
      return `PATCH ${place} keyCredentials: all present ones and ${call.keys.map((key) => key.thumbprint).join(", ")}`;
    case "remove-keys":
      return `PATCH ${place} keyCredentials: all present ones except ${call.keyIds.join(", ")}`;
    case "add-names":
      return `PATCH ${place} servicePrincipalNames: all present ones and ${call.names.join(", ")}`;
    case "remove-names":
      return `PATCH ${place} servicePrincipalNames: all present ones except ${call.names.join(", ")}`;
  }
}

/** The cmdlet or the Graph request of a change; a value that an earlier change creates reads `(… known after apply)`. */
export function callText({ call, byHand }: Pick<PlanItem, "call" | "byHand">): string {
  if (call.via === "graph") return graphRequestText(call);
  return byHand.replace(/\$facts\['[^']+'\]\.(\w+)/g, "($1 known after apply)");
}
