// Microsoft's own pre-check of OAuth (partner application and connector), and where free/busy requests are sent.
import { isExchangeOnline } from "../../core/microsoft-hosts.ts";
import { isSameText, isTrue, listProperty, textProperty } from "../exchange/read-objects.ts";
import type { Cloud } from "../model/clouds.ts";
import { hybridScript } from "../model/clouds.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import { appIds } from "../model/profiles.ts";
import { type Gate, gate, type Judged, quoted, type Reading, unread } from "./gate.ts";

/** Microsoft's domains in a TargetAutodiscoverEpr, as ConfigureExchangeHybridApplication.ps1 lists them. */
export const microsoftDomains = [
  ...[
    "office365.com",
    "office365.us",
    "office365-net.us",
    "office.com",
    "cloud.microsoft",
    "outlook.com",
    "outlook.cn",
  ],
  ...["apps.mil", "sovcloud.fr", "sovcloud.de"],
];

export interface SharingReads {
  readonly cloud: Cloud;
  readonly partners: Reading<readonly WireObject[]>;
  readonly connectors: Reading<readonly WireObject[]>;
  readonly relationships: Reading<readonly WireObject[]>;
}

/** The gates of the pre-check and of TargetSharingEpr. Pure. */
export function sharingGates({ cloud, partners, connectors, relationships }: SharingReads): readonly Gate[] {
  return [
    gate("partner-application", judgePartners(partners)),
    gate("connector", judgeConnectors(connectors)),
    gate("target-sharing-epr", judgeRelationships(relationships, cloud)),
  ];
}

function judgePartners(partners: Reading<readonly WireObject[]>): Judged {
  const condition = `$_.ApplicationIdentifier -eq '${appIds.exchange}' -and -not $_.Realm`;
  const find = `Get-PartnerApplication | Where-Object { ${condition} }`;
  if (!partners.ok) return unread(partners.reason, find);
  const all = partners.value.filter((one) => isSameText(textProperty(one, "ApplicationIdentifier"), appIds.exchange));
  const evidence = all.map((one) => {
    const realm = textProperty(one, "Realm");
    return `${textProperty(one, "Name")}: ${isTrue(one, "Enabled") ? "enabled" : "disabled"}, ${realm === "" ? "no realm" : `realm ${realm}`}`;
  });
  const fitting = all.filter((one) => textProperty(one, "Realm") === "");
  const enabled = fitting.filter((one) => isTrue(one, "Enabled"));
  if (enabled.length > 1)
    return { state: "ok", evidence: [...evidence, "more than one may be a mistake"], command: null };
  if (enabled.length === 1) return { state: "ok", evidence, command: null };
  if (fitting.length > 0)
    return { state: "wrong", evidence, command: `${find} | Set-PartnerApplication -Enabled $true` };
  const none = [...evidence, `no partner application for ${appIds.exchange} without a realm`];
  return {
    state: "missing",
    evidence: none,
    command: "Run the Hybrid Configuration Wizard; Exchange Setup creates it",
  };
}

function judgeConnectors(connectors: Reading<readonly WireObject[]>): Judged {
  if (!connectors.ok) return unread(connectors.reason, "Get-IntraOrganizationConnector");
  const evidence = connectors.value.map(
    (one) =>
      `${textProperty(one, "Name")}: ${isTrue(one, "Enabled") ? "enabled" : "disabled"}, for ${listProperty(one, "TargetAddressDomains").join(", ") || "no domain"}`,
  );
  if (connectors.value.some((one) => isTrue(one, "Enabled"))) return { state: "ok", evidence, command: null };
  const [first] = connectors.value;
  if (first === undefined)
    return { state: "missing", evidence: ["there is none"], command: "Run the Hybrid Configuration Wizard" };
  const command = `Set-IntraOrganizationConnector -Identity ${quoted(textProperty(first, "Name"))} -Enabled $true`;
  return { state: "wrong", evidence, command };
}

/** Only relationships whose Autodiscover is Microsoft's: others are with other organizations. */
function judgeRelationships(relationships: Reading<readonly WireObject[]>, cloud: Cloud): Judged {
  if (!relationships.ok)
    return unread(
      relationships.reason,
      "Get-OrganizationRelationship | Format-List Name,Enabled,TargetAutodiscoverEpr,TargetSharingEpr",
    );
  const online = relationships.value.filter(
    (one) => isTrue(one, "Enabled") && isMicrosoft(textProperty(one, "TargetAutodiscoverEpr")),
  );
  if (online.length === 0)
    return {
      state: "ok",
      evidence: ["no enabled organization relationship names Exchange Online's Autodiscover"],
      command: null,
    };
  const evidence = online.map(
    (one) => `${textProperty(one, "Name")}: ${textProperty(one, "TargetSharingEpr") || "none"}`,
  );
  const wrong = online.find((one) => {
    const target = textProperty(one, "TargetSharingEpr");
    return target !== "" && !isExchangeOnline(hostOf(target)) && !isMicrosoft(target);
  });
  if (wrong !== undefined) {
    const command = `Set-OrganizationRelationship -Identity ${quoted(textProperty(wrong, "Name"))} -TargetSharingEpr https://${cloud.exchangeOnline}/EWS/Exchange.asmx`;
    return { state: "wrong", evidence: [...evidence, "not a host of Exchange Online"], command };
  }
  if (online.some((one) => textProperty(one, "TargetSharingEpr") === ""))
    return { state: "missing", evidence, command: hybridScript("ConfigureTargetSharingEpr", cloud) };
  return { state: "ok", evidence, command: null };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

function isMicrosoft(url: string): boolean {
  const host = hostOf(url).replace(/:\d+$/, "");
  return microsoftDomains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
