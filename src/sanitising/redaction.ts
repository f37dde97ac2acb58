// The small words of sanitising: what stands where something was taken away. Each form is recognised again, so that a
// second run changes nothing.

/** Ten base32 characters for a value, the same for the same value under one key. The key is the caller's. */
export type Pseudonymise = (kind: "user" | "value" | "client" | "domain", value: string) => string;

const done =
  /^<(?:redacted|redacted len=\d+ tag=[a-z2-7]{4}|password|negotiate:(?:kerberos|spnego)|sig(?::[a-z2-7]{4})?)>$/;
const donePseudonym = /^user-[a-z2-7]{10}$/;
// RFC 5322 addresses as far as they occur in this traffic; bounded, so that no text makes it slow.
const address = /[A-Za-z0-9_][A-Za-z0-9._%+'=-]{0,63}@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})/g;

/** True for what this module itself has put in place of a value. */
export function isRedacted(value: string): boolean {
  return done.test(value);
}

/** A value taken away: its length in UTF-16 units and a tag that tells equal values. */
export function redactedValue(value: string, pseudonymise: Pseudonymise): string {
  if (value === "" || isRedacted(value)) return value;
  return `<redacted len=${value.length} tag=${pseudonymise("value", value).slice(0, 4)}>`;
}

export function pseudonymOfUser(user: string, pseudonymise: Pseudonymise): string {
  return donePseudonym.test(user) ? user : `user-${pseudonymise("user", user.toLowerCase())}`;
}

/** An address with its local part replaced; the domain stays, because realm faults are about domains. */
export function safeAddress(text: string, pseudonymise: Pseudonymise): string {
  const at = text.lastIndexOf("@");
  if (at < 1) return pseudonymOfUser(text, pseudonymise);
  return `${pseudonymOfUser(text.slice(0, at), pseudonymise)}${text.slice(at)}`;
}

/** Text that is kept for its meaning: every address in it becomes a pseudonym. Names of applications are no addresses. */
export function scrubAddresses(text: string, pseudonymise: Pseudonymise): string {
  if (!text.includes("@")) return text;
  return text.replace(address, (found, _domain: string, start: number) =>
    isApplicationName(text, found, start) ? found : safeAddress(found, pseudonymise),
  );
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// `<guid>@contoso.com` and `<guid>/mail.contoso.com@contoso.com` ([MS-XOAUTH] 2.2.1) have the form of an address.
function isApplicationName(text: string, found: string, start: number): boolean {
  if (guid.test(found.slice(0, found.lastIndexOf("@")))) return true;
  return text[start - 1] === "/" && guid.test(text.slice(Math.max(0, start - 37), start - 1));
}
