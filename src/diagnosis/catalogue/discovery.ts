// Findings about the first leg of Teams: the look-up of EWS at Autodiscover v2, which needs no sign-in.
import { listBuilds } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
}

export interface DiscoveryDetails {
  /** `by`: what answered, as far as its fields show. */
  DISCOVERY_REFUSED: AtHost & { readonly how: "status" | "sign-in" | "page"; readonly by: "exchange" | "device" };
  /** `version`: the build of Exchange, or empty. */
  DISCOVERY_NOT_FOUND: AtHost & { readonly version: string };
  /** `status` 0: no answer. `error`: letters, or empty. */
  DISCOVERY_FAILED: AtHost & { readonly status: number; readonly error: string };
  /** `isInternal`: a name that only the own network knows; `isOnline`: one of Exchange Online. */
  DISCOVERY_ELSEWHERE: AtHost & {
    readonly to: string;
    readonly how: "address" | "redirect";
    readonly isInternal: boolean;
    readonly isOnline: boolean;
  };
}

const tryIt =
  'Try it from outside: curl.exe -i "https://<server>/autodiscover/autodiscover.json?Email=<mailbox>&Protocol=EWS" must answer 200 with a Url, without sign-in.';
const passDevice = `Let GET /autodiscover/autodiscover.json pass the device in front of Exchange without pre-authentication, as Autodiscover and EWS. ${tryIt}`;
const switchOn = `Anonymous authentication must be on for the Autodiscover directory of each server (IIS Manager, Default Web Site, as Exchange sets it up): Get-AutodiscoverVirtualDirectory | Format-List Server,Identity. ${tryIt}`;
const fixUrl =
  "Get-WebServicesVirtualDirectory | Format-List Identity,ExternalUrl,InternalUrl: ExternalUrl of each server must be a name that the cloud can resolve and reach; Set-WebServicesVirtualDirectory <its identity> -ExternalUrl https://<public name>/EWS/Exchange.asmx.";

export const discoveryTexts: FindingTexts<DiscoveryDetails> = {
  DISCOVERY_REFUSED: {
    severity: "error",
    summary: "The look-up with which Teams begins was not answered without sign-in, so Teams does not find EWS.",
    onTheWire:
      "GET /autodiscover/autodiscover.json?Email=…&Protocol=EWS by Teams, answered 401 or 403, with a web page, or with a redirect to one.",
    remedy: passDevice,
    step: "none",
    sentence: ({ host, how, by }) => {
      const answer = how === "status" ? "wants a sign-in" : how === "page" ? "gives a web page" : "redirects to a page";
      const who = by === "exchange" ? "Exchange itself" : "likely a device in front of Exchange";
      return `${host} ${answer} where Teams looks for EWS (Autodiscover v2), which needs no sign-in: ${who}.`;
    },
    remedyFor: ({ by }) => (by === "exchange" ? switchOn : passDevice),
    examples: [["Exchange itself answered", { by: "exchange" }]],
  },
  DISCOVERY_NOT_FOUND: {
    severity: "error",
    summary: "The look-up with which Teams begins does not exist at this server, so Teams does not find EWS.",
    onTheWire: "404 to GET /autodiscover/autodiscover.json?Email=…&Protocol=EWS by Teams.",
    remedy: `An old build, or a rule of a device in front. ${listBuilds} As far as public sources say, the look-up came with Exchange 2016 CU3; Exchange 2016 and 2019 are out of support. Where the build is newer, let /autodiscover/autodiscover.json pass that device. ${tryIt}`,
    step: "none",
    sentence: ({ host, version }) =>
      `${host} does not have Autodiscover v2, where Teams looks for EWS${version === "" ? "" : ` (Exchange build ${version})`}.`,
  },
  DISCOVERY_FAILED: {
    severity: "warning",
    summary: "The look-up with which Teams begins failed.",
    onTheWire:
      "GET /autodiscover/autodiscover.json?Email=…&Protocol=EWS by Teams without an answer, with 400, 500 or another error, or with a 200 that has no Url.",
    remedy: `Get-Mailbox <mailbox> | Format-List PrimarySmtpAddress,ServerName and Test-ServiceHealth on that server; the mailbox must be on premises and the address one of its own. ${tryIt}`,
    step: "none",
    sentence: ({ host, status, error }) => {
      const answer = status === 0 ? "did not answer" : `answered ${status}${error === "" ? "" : ` ${error}`} to`;
      return `${host} ${answer} the look-up of EWS by Teams (Autodiscover v2).`;
    },
  },
  DISCOVERY_ELSEWHERE: {
    severity: "info",
    summary:
      "The look-up with which Teams begins names another host: usual for autodiscover.contoso.com, wrong for a name that only the own network knows.",
    onTheWire: "200 with a Url of another host, or a redirect to another look-up.",
    remedy: `Nothing to do when the cloud reaches that host; its traffic must be captured, too. Otherwise ${fixUrl}`,
    step: "none",
    sentence: ({ host, to, how, isInternal, isOnline }) => {
      const known = isInternal ? ", a name that the cloud cannot reach" : "";
      return how === "address"
        ? `${host} gives Teams ${to} as the host of EWS${known}.`
        : `${host} sends Teams on to ${to}${known}${isOnline ? ": the mailbox is likely in Exchange Online" : ""}.`;
    },
    severityFor: ({ isInternal }) => (isInternal ? "error" : undefined),
    remedyFor: ({ isInternal }) => (isInternal ? fixUrl : undefined),
    examples: [["only the own network knows the name", { isInternal: true }]],
  },
};
