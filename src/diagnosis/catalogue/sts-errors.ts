// The meaning of the token service's public error codes, in our own words. Sources: learn.microsoft.com "Microsoft Entra
// authentication and authorization error codes", "Resolve free/busy errors" (AADSTS50012), "ACS Error Codes" (gg185949,
// quoted by "Managing Your ACS Namespace") and the Site Recovery troubleshooting page (ACS50008).

import { microsoftClouds } from "../../core/microsoft-hosts.ts";

/** The findings of a refused token request. */
type StsCode =
  | "STS_REFUSED"
  | "STS_REFUSED_CERTIFICATE"
  | "STS_REFUSED_CLIENT"
  | "STS_REFUSED_RESOURCE"
  | "STS_REFUSED_TENANT"
  | "STS_REFUSED_TIME";

/** The finding for one public code, and its meaning as the end of a sentence ("…: <meaning>"). */
export interface StsError {
  readonly code: StsCode;
  readonly meaning: string;
}

const certificate = "STS_REFUSED_CERTIFICATE";
const client = "STS_REFUSED_CLIENT";
const resource = "STS_REFUSED_RESOURCE";
const tenant = "STS_REFUSED_TENANT";
const time = "STS_REFUSED_TIME";
const other = "STS_REFUSED";

const byErrorCode: ReadonlyMap<string, StsError> = new Map(
  (
    [
      ["ACS50001", resource, "no resource is registered under that name"],
      ["ACS50006", certificate, "the signature could not be verified"],
      ["ACS50008", time, "the token is not valid, usually because a clock is more than 15 minutes wrong"],
      ["ACS50012", certificate, "authentication failed: certificate and application do not fit"],
      ["ACS50016", certificate, "the certificate is not one that was uploaded for the application"],
      ["ACS50027", certificate, "the assertion is not valid: unknown application or wrong certificate"],
      ["AADSTS50001", resource, "the resource is disabled or does not exist"],
      ["AADSTS50003", certificate, "no signing key is configured"],
      ["AADSTS50006", certificate, "the signature is not valid"],
      ["AADSTS50010", resource, "the audience is not one that is configured"],
      ["AADSTS50012", certificate, "the assertion's signature or certificate is not one that is known"],
      ["AADSTS50013", other, "the assertion is not valid: its issuer, time or form"],
      ["AADSTS50017", certificate, "the certificate's chain could not be validated"],
      ["AADSTS50027", other, "the assertion is not valid: issuer, audience, time or form"],
      ["AADSTS50032", certificate, "the RSA key is too weak"],
      ["AADSTS50048", client, "the assertion's subject is not its issuer"],
      ["AADSTS50059", tenant, "nothing in the request names a tenant"],
      ["AADSTS50128", tenant, "the domain name is not known"],
      ["AADSTS50169", tenant, "the realm is not a configured one"],
      ["AADSTS53003", other, "a Conditional Access policy for workload identities blocks it"],
      ["AADSTS65001", other, "nobody has consented to the application"],
      ["AADSTS65002", other, "this Microsoft application is not preauthorised for that resource"],
      ["AADSTS70001", client, "the application is disabled or not in the tenant"],
      ["AADSTS70002", other, "the application's credentials could not be validated"],
      ["AADSTS70003", other, "the grant type is not supported"],
      ["AADSTS90002", tenant, "the tenant was not found"],
      ["AADSTS90014", other, "a required field is missing"],
      ["AADSTS90016", other, "a required claim is missing in the assertion"],
      ["AADSTS90019", tenant, "the request does not show a tenant"],
      ["AADSTS90022", resource, "a principal is not of the form name/host@realm"],
      ["AADSTS90023", other, "the request is not valid"],
      ["AADSTS90038", tenant, "the tenant belongs to another national cloud"],
      ["AADSTS900382", tenant, "the application asks a token service of another cloud than its own"],
      ["AADSTS900432", tenant, "the application asks a token service of another cloud than its own"],
      ["AADSTS900439", tenant, "the application is of the US government clouds and asks the global token service"],
      ["AADSTS501051", other, "the application is not assigned to a role of the resource"],
      ["AADSTS7000215", client, "the client secret is not valid"],
      ["AADSTS7000229", client, "the application has no service principal in the tenant"],
      ["AADSTS500014", resource, "the resource's service principal is disabled in the tenant"],
      ["AADSTS650052", resource, "the tenant does not have the service that the resource belongs to"],
      ["AADSTS500011", resource, "the resource's service principal is not in the tenant"],
      ["AADSTS500133", time, "the assertion is not within its time"],
      ["AADSTS650057", resource, "the application does not list the resource in its permissions"],
      ["AADSTS700011", client, "the application was not found in the directory"],
      ["AADSTS700016", client, "the application was not found in the tenant"],
      ["AADSTS700024", time, "the assertion is not within its time"],
      ["AADSTS700027", certificate, "the assertion's signature matches no certificate of the application"],
      ["AADSTS700030", certificate, "the certificate's subject name is not authorised"],
      ["AADSTS900023", tenant, "the tenant is neither an id nor a domain"],
      ["AADSTS900144", other, "a required parameter is missing"],
      ["AADSTS900384", certificate, "the token's signature could not be validated"],
      ["AADSTS7000112", client, "the application is disabled"],
      ["AADSTS7000214", certificate, "the certificate has been revoked"],
      ["AADSTS7000222", certificate, "the application's keys have expired"],
      ["AADSTS1000502", certificate, "the certificate is outside its time"],
    ] as const
  ).map(([name, code, meaning]): [string, StsError] => [name, { code, meaning }]),
);

const otherCloud = `Application, tenant and token service must be of one cloud. Compare Get-AuthServer | Format-List Name,Realm,AuthMetadataUrl,TokenIssuingEndpoint with the cloud of the tenant: ${microsoftClouds.map(({ title, hosts }) => `${title}: ${hosts["token-service"][0] ?? ""}`).join("; ")}. accounts.accesscontrol.windows.net is of the global cloud.`;
const consent =
  "Grant the application its permission in the tenant and consent to it as an administrator; Get-MgServicePrincipal -Filter \"appId eq '<id>'\" shows whether it is there. For the dedicated hybrid application ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication checks permissions and consent.";

/** Remedies of codes that differ from the remedy of their finding. */
const remedies: ReadonlyMap<string, string> = new Map([
  [
    "AADSTS53003",
    "A Conditional Access policy for workload identities blocks the application; its usual condition is the address that the request comes from. Look in the sign-in logs of Entra under service principal sign-ins for the policy's name, and compare its locations with the way out of every Exchange server: Get-ExchangeServer | Format-List Name,InternetWebProxy.",
  ],
  ["AADSTS65001", consent],
  ["AADSTS90038", otherCloud],
  ["AADSTS900382", otherCloud],
  ["AADSTS900432", otherCloud],
  ["AADSTS900439", otherCloud],
  ["AADSTS501051", consent],
]);

/** The specific remedy of a public code; undefined when it has none. */
export function stsErrorRemedy(errorCode: string): string | undefined {
  return remedies.get(errorCode.toUpperCase());
}

/** Every known public code, for docs/findings.md. */
export const stsErrors: readonly (StsError & { readonly errorCode: string })[] = [...byErrorCode].map(
  ([errorCode, error]) => ({ errorCode, ...error }),
);

// RFC 6749 5.2; `invalid_resource` is Microsoft's own.
const byError: ReadonlyMap<string, StsError> = new Map<string, StsError>([
  ["unauthorized_client", { code: client, meaning: "the application may not ask for such a token" }],
  ["invalid_client", { code: client, meaning: "the application or its credentials are not known" }],
  ["invalid_resource", { code: resource, meaning: "the resource is not known" }],
]);

/** The finding and meaning of a refusal, by its public code, else by its OAuth `error`. An unknown one has no meaning. */
export function stsErrorOf(errorCode: string, error: string): StsError {
  const known = byErrorCode.get(errorCode.toUpperCase()) ?? byError.get(error.toLowerCase());
  return known ?? { code: other, meaning: "" };
}
