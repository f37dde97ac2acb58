// Names of the column AuthenticatedUser of Exchange's logs.
import { type Applications, parsePrincipal } from "../../core/principals.ts";
import { readSignedIn, type SignedIn } from "../../server-logs/signed-in.ts";
import { redactUser, safeDomain } from "../tokens/token-user.ts";
import { type DecodedValue, valueOfKind } from "./decoded-value.ts";

/** A name of AuthenticatedUser in words: a service, one that acts as a user, an account (redacted). Empty for no name. */
export function signedInWords(name: string, applications: Applications | undefined): string {
  const user = readSignedIn(name);
  switch (user.kind) {
    case "none":
      return "";
    case "application":
      return `service ${serviceWords(user.applicationId, applications)}`;
    case "acts-as":
      return "a service that acts as a user (OAuth)";
    case "sid":
      return "a user by SID: a person, or a service that acts as one";
    case "callback":
      return "a callback of Exchange";
    case "health-mailbox":
      return "a health mailbox of Exchange's own probes";
    case "machine":
      return "a machine account: a server of Exchange itself";
    case "account":
      return accountWords(name);
    case "other":
      return "a name of an unknown shape";
  }
}

/** Id first, as in the table of services. */
function serviceWords(id: string, applications: Applications | undefined): string {
  const { name } = parsePrincipal(id, applications);
  return name === null ? id : `${id} (${name})`;
}

function accountWords(name: string): string {
  const slash = name.indexOf("\\");
  const domain = slash === -1 ? "" : `${safeDomain(name.slice(0, slash))}\\`;
  return `account ${domain}${redactUser(name.slice(slash + 1))}`;
}

const proofs: Readonly<Partial<Record<SignedIn["kind"], string>>> = {
  application:
    "it names the caller and no realm; it is written for calls that Exchange accepted and shows no signature",
  "acts-as": "it names the user and not the application: OAuthExtraInfo in GenericInfo does, where the build writes it",
  sid: "it does not tell a person from an application that acts as one: ActAsUserVerified in GenericInfo does",
  callback: "it names no application",
  machine: "with Negotiate, NTLM or Logon it is the hop between front end and back end, not a sign-in of a service",
  "health-mailbox": "it says nothing about services",
};

const accountForm = /^[A-Za-z0-9._-]{1,64}\\[A-Za-z0-9._$-]{1,64}$/;

/** A name of AuthenticatedUser alone; null for any other text, one that could be any word included. */
export function decodeLogUser(value: string, applications: Applications | undefined): DecodedValue | null {
  const user = readSignedIn(value);
  const note = proofs[user.kind] ?? "";
  const meaning = signedInWords(value, applications);
  switch (user.kind) {
    case "application": {
      const principal = parsePrincipal(user.applicationId, applications);
      const shown = { form: user.form, service: meaning, signIn: signInOf(user.form), ...principal, note };
      return valueOfKind("log-user", shown, { principal });
    }
    case "acts-as":
      return valueOfKind("log-user", { form: user.form, meaning, userForms: user.keys, note });
    case "sid":
    case "callback":
      return valueOfKind("log-user", { form: user.kind === "sid" ? "SID" : "CLB", meaning, note });
    case "machine":
    case "health-mailbox":
    case "account":
      return accountForm.test(value) ? valueOfKind("log-user", { form: user.kind, meaning, note }) : null;
    default:
      return null;
  }
}

function signInOf(form: "S2S" | "V1A" | "V1S"): string {
  if (form === "S2S") return "OAuth, a partner application for itself";
  return form === "V1A"
    ? "OAuth, a token of Entra for an application"
    : "OAuth, a token that Exchange issued to itself";
}
