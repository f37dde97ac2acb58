// The keys of "provisioning" in the configuration file. They are checked whenever the file is read, so that a misspelt key is
// reported by every command and not only by the one that misses it.

export const textKeys = [
  "profile",
  "domain",
  "dc",
  "server",
  "mailbox",
  "tenant",
  "cloud",
  "graphUrl",
  "loginUrl",
  "only",
  "without",
  "exchange",
  "exchangeHost",
  "powershell",
  "lab",
  "signIn",
  "clientId",
  "clientCertificate",
] as const;
export const truthKeys = [
  "step1",
  "skipStep1Check",
  "allowPartial",
  "directRoles",
  "removeLegacy",
  "removeDuplicateKeys",
] as const;

const known: readonly string[] = [...textKeys, ...truthKeys, "names"];

export interface AnswersProblem {
  readonly what: string;
  readonly hint: string;
}

/** What is wrong with the answers of a configuration file, or null. */
export function answersProblem(configured: Readonly<Record<string, unknown>>): AnswersProblem | null {
  for (const [key, value] of Object.entries(configured)) {
    if (!known.includes(key))
      return { what: `an unknown key ${JSON.stringify(key)}`, hint: `Known keys: ${known.join(", ")}.` };
    if (textKeys.some((name) => name === key) && typeof value !== "string")
      return { what: `no text in ${key}`, hint: `Write "${key}": "…".` };
    if (truthKeys.some((name) => name === key) && typeof value !== "boolean")
      return { what: `neither true nor false in ${key}`, hint: `Write "${key}": true.` };
    if (key === "names" && !areNames(value))
      return { what: "no object of texts in names", hint: 'Write "names": { "partner:SfBOnline": "our own name" }.' };
  }
  return null;
}

function areNames(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((name) => typeof name === "string");
}
