// What a refusal of Graph means: a policy of the tenant, dates that it does not take, or something else.
import type { Reason } from "../model/stop.ts";

/** A request that Graph refused, with the code and the message of its answer. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/**
 * True when an app management policy of the tenant forbids the credential. Codes seen in public:
 * CredentialInvalidLifetimeAsPerAppPolicy, CredentialTypeNotAllowedAsPerAppPolicy; their messages name the "assigned policy".
 */
export function isPolicyRefusal({ code, message }: Refusal): boolean {
  return /AsPer\w*Policy$/i.test(code) || /\b(?:assigned|app(?:lication)? management) policy\b/i.test(message);
}

/**
 * True for the refusals that are about the dates of a new key and nothing else: those that Azure CLI and Terraform report, and
 * the limit of one year that the documentation names. Only after one of them may the key be sent again without dates.
 */
export function isDateRefusal({ code, message }: Refusal): boolean {
  if (isPolicyRefusal({ code, message })) return false;
  return dateRefusals.some((pattern) => pattern.test(message.trim()));
}

const dateRefusals: readonly RegExp[] = [
  /^Key credential (?:start|end) date is invalid\.?$/i,
  /^The property '?(?:start|end)DateTime'? must be at most one year after the start date\.?$/i,
];

/** The reason for a write that Graph refused as malformed or not allowed. `what` follows "refused to". */
export function refusalReason(what: string, answer: Refusal): Reason {
  if (isPolicyRefusal(answer)) return policyReason(what, answer);
  return {
    code: "graph-error",
    message: `Microsoft Graph refused to ${what}: ${answer.code}: ${answer.message}`,
    hint: "Nothing was written. Some first-party applications cannot be changed this way: `--without` leaves such a one out, and `realmscope provision script` writes the same step for a person to run.",
    isRefusal: true,
  };
}

function policyReason(what: string, { code, message }: Refusal): Reason {
  const id = /\bpolicy '([^']{1,100})'/i.exec(message)?.[1];
  const name = id === undefined ? "the tenant's app management policy" : `the app management policy ${id}`;
  return {
    code: "graph-policy",
    message: `Microsoft Graph refused to ${what}, because ${name} forbids it: ${code}: ${message}`,
    hint: `Nothing was written, and a person's script is refused in the same way. ${policyRemedy(code, message)} Then run \`realmscope provision resume\`.`,
    isRefusal: true,
  };
}

/** What an administrator of policies can do, by the kind of restriction. */
function policyRemedy(code: string, message: string): string {
  const exemption =
    "Ask an administrator who manages app management policies (in Graph: policies/appManagementPolicies, policies/defaultAppManagementPolicy) to assign this service principal a policy with an exemption";
  if (/lifetime/i.test(`${code} ${message}`))
    return `${exemption} from the lifetime of certificates (asymmetricKeyLifetime); Exchange's own auth certificate is valid for five years. An auth certificate that is no longer valid than the policy allows passes as well.`;
  if (/trusted|issuer|authorit/i.test(`${code} ${message}`))
    return `${exemption} from trusted certificate authorities; Exchange's own auth certificate is self-signed. An auth certificate of a trusted authority passes as well.`;
  return `${exemption} from this restriction of its keyCredentials.`;
}
