// Facts of 2025 and 2026 on which the two directions and what is required of them rest.
import { type ProtocolRow, section } from "./protocol-row.ts";

const directions = "handshake/direction";

/** "Configure OAuth between Exchange and Exchange Online", "Exchange hybrid: dedicated application", the scripts of CSS-Exchange. */
export const directionRows: readonly ProtocolRow[] = section("Directions", [
  [
    "P",
    "Exchange Online is a partner application of Exchange Server under the id that Exchange Server has itself, 00000002-…",
    directions,
    "mail.contoso.com by ews is inbound",
    [
      "handshake/direction",
      'if (service !== null || route === "ucwa"',
      'if (caller?.id.startsWith("00000002-") || service !== null || route === "ucwa"',
    ],
  ],
  [
    "P",
    "Exchange Server calls Microsoft Graph as the tenant's application, in every cloud",
    directions,
    "dod-graph.microsoft.us by graph is outbound",
    [
      "handshake/direction",
      'if (service !== null || route === "ucwa" || route === "graph") return "outbound";',
      'if ((service !== null && service !== "graph") || route === "ucwa") return "outbound";',
    ],
  ],
  [
    "P",
    "the shared service principal of Exchange Online is refused for EWS since 31 October 2025: no hybrid organisation may use it",
    "expectations/directions",
    "hybrid is not met by the shared service principal",
    ["expectations/presets", "  - finding.shared-service-principal\n", ""],
  ],
  [
    "P",
    "Teams Scheduler (7557eb47-…) and Cloud Voicemail (db7de2b5-…) call Exchange Server, which nothing of the cloud's own calls replaces",
    "expectations/directions",
    "teams as well",
    [
      "expectations/presets",
      "  - name: Teams, its scheduler or Cloud Voicemail calls with a token and is answered\n    match:\n      handshake.direction: inbound\n",
      "  - name: Teams, its scheduler or Cloud Voicemail calls with a token and is answered\n    match:\n",
    ],
  ],
]);
