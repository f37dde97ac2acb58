import { type Pseudonymise, pseudonymOfUser } from "./redaction.ts";

/** A pseudonymous account with its domain in the original form: `DOMAIN\user` and `user@domain` fail for different reasons. */
export function safeAccount(account: string, pseudonymise: Pseudonymise): string {
  const slash = account.indexOf("\\");
  if (slash !== -1) return `${account.slice(0, slash + 1)}${pseudonymOfUser(account.slice(slash + 1), pseudonymise)}`;
  const at = account.lastIndexOf("@");
  const [user, domain] = at === -1 ? [account, ""] : [account.slice(0, at), account.slice(at)];
  return `${pseudonymOfUser(user, pseudonymise)}${domain}`;
}
