// The forms of replaced values. Each form is recognised again, so that a second run changes nothing.

/** Ten base32 characters for a value, the same for the same value under one key, which the caller owns. */
export type Pseudonymise = (kind: "user" | "value" | "client" | "domain" | "machine", value: string) => string;

const done =
  /^<(?:redacted|redacted len=\d+ tag=[a-z2-7]{4}|password|negotiate:(?:kerberos|spnego)|sig(?::[a-z2-7]{4})?)>$/;
const donePseudonym = /^user-[a-z2-7]{10}$/;
const doneMachine = /^machine-[a-z2-7]{10}$/;
const doneWord = /^redacted-[a-z2-7]{4}$/;
const sid = /^s-1-5-21-\d{1,10}-\d{1,10}-\d{1,10}(?:-\d{1,10}){0,2}$/i;

/** True for the result of `redactedValue`. */
export function isRedacted(value: string): boolean {
  return done.test(value);
}

/** The mark of a removed value: its length in UTF-16 units and a tag that is equal for equal values. */
export function redactedValue(value: string, pseudonymise: Pseudonymise): string {
  if (value === "" || isRedacted(value)) return value;
  return `<redacted len=${value.length} tag=${pseudonymise("value", value).slice(0, 4)}>`;
}

/** The pseudonym of an account, the same for any composition (NFC) and letter case. */
export function pseudonymOfUser(user: string, pseudonymise: Pseudonymise): string {
  return donePseudonym.test(user) ? user : `user-${pseudonymise("user", user.normalize("NFC").toLowerCase())}`;
}

/** The pseudonym of a machine that is not a server of the capture. */
export function pseudonymOfMachine(name: string, pseudonymise: Pseudonymise): string {
  return doneMachine.test(name) ? name : `machine-${pseudonymise("machine", name.toLowerCase())}`;
}

/** The mark of a removed value in addresses and lists of words, where `<` is not allowed: a tag, equal for equal values. */
export function redactedWord(value: string, pseudonymise: Pseudonymise): string {
  return value === "" || doneWord.test(value) ? value : `redacted-${pseudonymise("value", value).slice(0, 4)}`;
}

/** True for the result of `redactedWord`. */
export function isRedactedWord(text: string): boolean {
  return doneWord.test(text);
}

/** True for the form of a SID of a domain account, replaced or not. */
export function isSid(text: string): boolean {
  return sid.test(text);
}

/** A SID of the same form for a pseudonymous account ([MS-DTYP] 2.4.2.1). */
export function safeSid(text: string, pseudonymise: Pseudonymise): string {
  if (text.toLowerCase().startsWith("s-1-5-21-0-0-0-")) return text;
  return `s-1-5-21-0-0-0-${digitsOf(pseudonymise("user", text), 10)}`;
}

/** Decimal digits from a pseudonym, for identifiers without letters. */
export function digitsOf(pseudonym: string, count: number): string {
  return [...pseudonym.slice(0, count)].map((letter) => letter.charCodeAt(0) % 10).join("");
}

/** An address with its local part replaced; the domain stays, because realm faults are about domains. */
export function safeAddress(text: string, pseudonymise: Pseudonymise): string {
  const at = text.lastIndexOf("@");
  if (at < 1) return pseudonymOfUser(text, pseudonymise);
  return `${pseudonymOfUser(text.slice(0, at), pseudonymise)}${text.slice(at)}`;
}
