// Refusals of tokens that are a person's or not in the capture. They are reported and do not affect the verdict.
import type { FindingTexts } from "./finding-text.ts";

interface OtherRefusal {
  readonly host: string;
  /** `401, 2000003 invalid_resource`: digits and fixed words. */
  readonly answer: string;
  /** The finding that says what such a refusal means. */
  readonly see: string;
}

export interface OtherRefusalDetails {
  /** `program` is a fixed text with the application's id. */
  USER_TOKEN_REFUSED: OtherRefusal & { readonly program: string };
  UNSEEN_TOKEN_REFUSED: OtherRefusal;
}

export const otherRefusalTexts: FindingTexts<OtherRefusalDetails> = {
  USER_TOKEN_REFUSED: {
    severity: "warning",
    summary:
      "The token of a person's program was refused: users' modern authentication, not the service-to-service trust.",
    onTheWire: "401 to a delegated token (scp), an id token, or a Bearer value of a program that is not a service.",
    remedy:
      "See what the named finding says of such a refusal (realmscope findings CODE). For a person's program the audience must be this server (https://<host>/), and Get-AuthServer | Format-List Name,IssuerIdentifier,Enabled,IsDefaultAuthorizationEndpoint must show the issuer of the token.",
    step: "none",
    sentence: ({ host, program, answer, see }) =>
      `${host} refused the token of ${program}, not of a service (${answer}): see ${see}.`,
  },
  UNSEEN_TOKEN_REFUSED: {
    severity: "warning",
    summary: "An answer refuses a token that this capture does not show.",
    onTheWire:
      '401 with x-ms-diagnostics, or with error="invalid_token", to a request without Authorization or with a marker in its place.',
    remedy:
      "Capture or export again with the credentials, so that the caller can be named; see what the named finding says of such a refusal (realmscope findings CODE).",
    step: "none",
    sentence: ({ host, answer, see }) =>
      `${host} refused a token that this capture does not show (${answer}): see ${see}.`,
  },
};
