// How an administrator sees what the captures do not show: where to place the proxy, which traffic to wait for, which command to run.
import { exchangeId } from "../catalogue/application-kind.ts";
import { cleanSharedPrincipal, listBuilds, readGate } from "../catalogue/commands.ts";
import type { FindingCode } from "../catalogue/finding.ts";

/** What Exchange Server sends to the cloud. */
export const captureOutbound =
  "Place the forward proxy on the way from Exchange Server to the cloud (realmscope watch --forward), then look up the free/busy time of a mailbox in Exchange Online from a mailbox on premises.";

/** The token request, which a cached token makes rare. */
export const captureTokenRequest =
  "Place the forward proxy on the way from Exchange Server to the token service (realmscope watch --forward) and wait for the next token request: Exchange Server uses one token for hours.";

/** What the cloud sends to Exchange Server. */
export const captureInbound =
  "Place the reverse proxy in front of Exchange Server (realmscope watch --reverse), then let Teams read the calendar of a mailbox on premises and leave a voicemail for it.";

/** The routing switch; both switches are setting overrides. */
export const readOverrides =
  "Get-SettingOverride | Format-List Name,ComponentName,SectionName,Parameters,Server shows whether RouteThroughMSGraph is on.";

/** What to do about a finding that explains a problem. */
export function adviceOf(code: FindingCode): string {
  return `realmscope findings ${code} says what to do.`;
}

/** The list of the gate; only Exchange Online PowerShell has it. */
export const readTheGate = `${readGate} (Exchange Online PowerShell) shows the list.`;

/** Keys on the application object are not in any traffic. */
export const verifyNextCertificate =
  "Traffic does not show whether the next certificate is uploaded: realmscope provision verify --profile hybrid-app compares the keys of the application with (Get-AuthConfig).NextCertificateThumbprint.";

/** The keys of the shared principal are not in any traffic. */
export const readSharedKeys = `Its keys are not in traffic: Get-MgServicePrincipal -Filter "appId eq '${exchangeId}'" -Property KeyCredentials | Select-Object -ExpandProperty KeyCredentials must list none; ${cleanSharedPrincipal} removes them.`;

/** Servers that sent nothing are not in the captures. */
export const listServers: readonly string[] = [
  "A server whose traffic is not in the captures is not answered for: Get-ExchangeServer | Format-Table Name,ServerRole lists all.",
  listBuilds,
];
