// Findings about the token service's answers.
import { exchangeId, sampleApplicationId, skypeId } from "./application-kind.ts";
import type { FindingTexts } from "./finding-text.ts";
import { stsErrorRemedy } from "./sts-errors.ts";
import {
  certificateRemedy,
  certificateRemedyFor,
  clientRemedy,
  clientRemedyFor,
  consentRemedyFor,
  type RequestParties,
  resourceRemedy,
  resourceRemedyFor,
} from "./sts-remedies.ts";

interface StsRefusal extends RequestParties {
  readonly host: string;
  /** The public error code, else the OAuth `error`, else a fixed word such as `status 400`. */
  readonly error: string;
  /** The meaning of a public code; empty for any other. */
  readonly meaning: string;
}

interface AtHost {
  readonly host: string;
}

export interface ServiceDetails {
  STS_REFUSED: StsRefusal;
  STS_REFUSED_CERTIFICATE: StsRefusal;
  STS_REFUSED_CLIENT: StsRefusal;
  STS_REFUSED_RESOURCE: StsRefusal;
  STS_REFUSED_TENANT: StsRefusal;
  STS_REFUSED_TIME: StsRefusal;
  STS_FAILED: AtHost & { readonly status: number };
  /** `event`: that of `MSExchange OAuth` which says so; `status` is 0 then. */
  STS_METADATA_FAILED: AtHost & { readonly status: number; readonly event?: number };
}

const byCaller: readonly (readonly [when: string, details: Partial<StsRefusal>])[] = [
  [`the shared service principal ${exchangeId} asks`, { callerId: exchangeId }],
  ["Teams Scheduler, Cloud Voicemail or Skype for Business Online asks", { callerId: skypeId }],
  ["an application of the tenant's own asks", { callerId: sampleApplicationId }],
];

// The clause names the application because the remedy depends on it: two applications with the same refusal are two findings.
const refusalClause = ({ host, error, meaning, callerId }: StsRefusal): string =>
  `${host} gave no token (${error}${meaning === "" ? "" : `: ${meaning}`})${callerId === "" ? "" : ` to ${callerId}`}`;

export const serviceTexts: FindingTexts<ServiceDetails> = {
  STS_REFUSED: {
    severity: "error",
    summary: "The token service refused to give a token.",
    onTheWire: "400 or 401 with error and error_description (ACS50xxx, AADSTSxxxxx) in JSON.",
    remedy:
      "Look the code up at https://login.microsoftonline.com/error, and run Test-OAuthConnectivity on the server that asked.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}.`,
    remedyFor: (refusal) => consentRemedyFor(refusal) ?? stsErrorRemedy(refusal.error),
    examples: [
      ["the error is AADSTS53003", { error: "AADSTS53003" }],
      ["the error is AADSTS65001 or AADSTS501051", { error: "AADSTS65001", callerId: "", resourceHost: "" }],
      [
        "the same, and an application of the tenant's own asks",
        { error: "AADSTS65001", callerId: sampleApplicationId, resourceHost: "graph.microsoft.com" },
      ],
    ],
  },
  STS_REFUSED_CERTIFICATE: {
    severity: "error",
    summary: "The token service does not accept the signature or certificate of the assertion.",
    onTheWire:
      "A refusal with a code such as AADSTS700027, AADSTS50012, AADSTS7000222, ACS50006, ACS50012, ACS50016 or ACS50027.",
    remedy: certificateRemedy,
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}, so it does not accept the caller's certificate or signature.`,
    remedyFor: certificateRemedyFor,
    examples: byCaller,
  },
  STS_REFUSED_CLIENT: {
    severity: "error",
    summary: "The token service does not know the application that asks.",
    onTheWire: "A refusal with a code such as AADSTS700016, or error unauthorized_client or invalid_client.",
    remedy: clientRemedy,
    step: "upload-certificate",
    sentence: (refusal) => `${refusalClause(refusal)}, so it does not know the application as one that may ask.`,
    remedyFor: clientRemedyFor,
    examples: [
      ...byCaller,
      ["the same, and the error is AADSTS7000112", { callerId: sampleApplicationId, error: "AADSTS7000112" }],
    ],
  },
  STS_REFUSED_RESOURCE: {
    severity: "error",
    summary: "The token service does not know the resource that the token is asked for.",
    onTheWire: "A refusal with a code such as AADSTS500011, AADSTS50001 or ACS50001, or error invalid_resource.",
    remedy: resourceRemedy,
    step: "oauth-exchange",
    sentence: (refusal) =>
      `${refusalClause(refusal)}, so it does not know the resource${refusal.resourceHost === "" ? "" : ` ${refusal.resourceHost}`}.`,
    remedyFor: resourceRemedyFor,
  },
  STS_REFUSED_TENANT: {
    severity: "error",
    summary: "The token service does not know the tenant.",
    onTheWire: "A refusal with a code such as AADSTS90002, or AADSTS900382 for a tenant of another cloud.",
    remedy:
      "Get-AuthServer | Format-List Name,Realm,AuthMetadataUrl,TokenIssuingEndpoint must name your tenant and its cloud; Get-AuthConfig | Format-List Realm should be empty.",
    step: "oauth-exchange",
    sentence: (refusal) => `${refusalClause(refusal)}, so it does not know the tenant.`,
    remedyFor: ({ error }) => stsErrorRemedy(error),
    examples: [["the error is AADSTS90038, AADSTS900382, AADSTS900432 or AADSTS900439", { error: "AADSTS900382" }]],
  },
  STS_REFUSED_TIME: {
    severity: "error",
    summary: "The token service finds the assertion outside its time: likely a wrong clock.",
    onTheWire: "A refusal with a code such as AADSTS700024, or a description about nbf or exp.",
    remedy: "Set the clock of the server that asks by a time server: w32tm /query /status, w32tm /resync.",
    step: "none",
    sentence: (refusal) => `${refusalClause(refusal)}, so the assertion is outside its time.`,
  },
  STS_FAILED: {
    severity: "warning",
    summary: "The token service, or something on the way to it, failed.",
    onTheWire: "A token request answered with 5xx or 429.",
    remedy: "Try again; if it stays, check the way out: Get-ExchangeServer | Format-List InternetWebProxy.",
    step: "none",
    sentence: ({ host, status }) => `${host} answered a token request with ${status}.`,
  },
  STS_METADATA_FAILED: {
    severity: "warning",
    summary: "The metadata document with the token service's keys could not be fetched.",
    onTheWire:
      "A request for the token service's metadata that was not answered with 200; or event 2003 or 2007 of MSExchange OAuth.",
    remedy:
      "Check AuthMetadataUrl of Get-AuthServer and the way out (Get-ExchangeServer | Format-List InternetWebProxy), then Set-AuthServer <name> -RefreshAuthMetadata.",
    step: "oauth-exchange",
    sentence: ({ host, status, event }) =>
      event === undefined
        ? `${host} answered a request for its metadata with ${status}.`
        : `${host} has event ${event} of MSExchange OAuth: the certificates of a token service are missing, or its metadata could not be read.`,
  },
};
