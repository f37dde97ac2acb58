// What Exchange Server and the token service answer to a service's call, and the finding that says so. The numbers and texts are
// those of public reports.
import { actAsToken, exchange, sfbOnline, sts, tenant } from "../token-maker.ts";
import type { Exchange } from "./dresses.ts";

const challenge = `Bearer client_id="${exchange}", trusted_issuers="${sts}@${tenant}", token_types="app_asserted_user_v1 service_asserted_app_v1", error="invalid_token"`;

const call = {
  method: "POST",
  host: "mail.contoso.com",
  path: "/EWS/Exchange.asmx",
  requestBody: "<s:Envelope/>",
  responseBody: "",
};

const token = actAsToken();

function refused(diagnostics: string): Exchange {
  return {
    ...call,
    request: [
      ["Content-Type", "text/xml; charset=utf-8"],
      ["User-Agent", "MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+"],
      ["Authorization", `Bearer ${token}`],
    ],
    status: 401,
    reason: "Unauthorized",
    response: [
      ["Content-Length", "0"],
      ["Server", "Microsoft-IIS/10.0"],
      ["x-ms-diagnostics", diagnostics],
      ["WWW-Authenticate", challenge],
      ["X-FEServer", "EX01"],
    ],
  };
}

/** Finding → the exchange in which it is true. */
export const truths: Readonly<Record<string, Exchange>> = {
  PARTNER_APPLICATION_UNKNOWN: refused(
    `2000006;reason="The caller '${sfbOnline}' is not a known partner application.";error_category="invalid_client"`,
  ),
  REFUSED_TENANT: refused(
    '2000004;reason="The tenant for tenant guid \'contoso.com\' does not exist.";error_category="invalid_tenant"',
  ),
  USER_NOT_FOUND: refused(
    '2000005;reason="The user specified by the user-context in the token does not exist.";error_category="invalid_user"',
  ),
  REFUSED_AUDIENCE: refused(
    "2000003;reason=\"The hostname component of the audience claim value is invalid. Expected 'https://mail.contoso.com'. Actual 'https://autodiscover.contoso.com'.\";error_category=\"invalid_resource\"",
  ),
  REFUSED_SIGNATURE: refused(
    '2000000;reason="The signature of the token is invalid.";error_category="invalid_signature"',
  ),
};
