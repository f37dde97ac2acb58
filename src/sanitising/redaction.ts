// The small words of sanitising: what stands where something was taken away. Each form is recognised again, so that a
// second run changes nothing.

/** Ten base32 characters for a value, the same for the same value under one key. The key is the caller's. */
export type Pseudonymise = (kind: "user" | "value" | "client" | "domain" | "machine", value: string) => string;

const done =
  /^<(?:redacted|redacted len=\d+ tag=[a-z2-7]{4}|password|negotiate:(?:kerberos|spnego)|sig(?::[a-z2-7]{4})?)>$/;
const donePseudonym = /^user-[a-z2-7]{10}$/;
const doneMachine = /^machine-[a-z2-7]{10}$/;
const doneWord = /^redacted-[a-z2-7]{4}$/;
const sid = /^s-1-5-21-\d{1,10}-\d{1,10}-\d{1,10}(?:-\d{1,10}){0,2}$/i;

/** True for what this module itself has put in place of a value. */
export function isRedacted(value: string): boolean {
  return done.test(value);
}

/** A value taken away: its length in UTF-16 units and a tag that tells equal values. */
export function redactedValue(value: string, pseudonymise: Pseudonymise): string {
  if (value === "" || isRedacted(value)) return value;
  return `<redacted len=${value.length} tag=${pseudonymise("value", value).slice(0, 4)}>`;
}

/** The same for one account however its letters are composed (NFC) and in capitals or not. */
export function pseudonymOfUser(user: string, pseudonymise: Pseudonymise): string {
  return donePseudonym.test(user) ? user : `user-${pseudonymise("user", user.normalize("NFC").toLowerCase())}`;
}

/** The name of a machine that is not a server of the capture. */
export function pseudonymOfMachine(name: string, pseudonymise: Pseudonymise): string {
  return doneMachine.test(name) ? name : `machine-${pseudonymise("machine", name.toLowerCase())}`;
}

/** What stands in addresses and in lists of words, where `<` may not: a tag that tells equal values. */
export function redactedWord(value: string, pseudonymise: Pseudonymise): string {
  return value === "" || doneWord.test(value) ? value : `redacted-${pseudonymise("value", value).slice(0, 4)}`;
}

/** True for what `redactedWord` gives. */
export function isRedactedWord(text: string): boolean {
  return doneWord.test(text);
}

/** True for the form of a SID of a domain's account, a replaced one as well. */
export function isSid(text: string): boolean {
  return sid.test(text);
}

/** A SID of the same form with another account's numbers ([MS-DTYP] 2.4.2.1). */
export function safeSid(text: string, pseudonymise: Pseudonymise): string {
  if (text.toLowerCase().startsWith("s-1-5-21-0-0-0-")) return text;
  return `s-1-5-21-0-0-0-${digitsOf(pseudonymise("user", text), 10)}`;
}

/** Decimal digits made of a pseudonym, for identifiers that allow no letters. */
export function digitsOf(pseudonym: string, count: number): string {
  return [...pseudonym.slice(0, count)].map((letter) => letter.charCodeAt(0) % 10).join("");
}

/** An address with its local part replaced; the domain stays, because realm faults are about domains. */
export function safeAddress(text: string, pseudonymise: Pseudonymise): string {
  const at = text.lastIndexOf("@");
  if (at < 1) return pseudonymOfUser(text, pseudonymise);
  return `${pseudonymOfUser(text.slice(0, at), pseudonymise)}${text.slice(at)}`;
}
