// User information in URLs (RFC 3986 §3.2.1). The userinfo of one that a program wrote by hand may hold any character, so
// everything up to the last `@` of the authority belongs to it.

/** What stands where user information was. */
export const userInfoMark = "redacted";

// `//` begins an authority. When what follows its first colon is not a port, the text up to the next `@` belongs to the user
// information, even with a `/`, `?` or `#` in it: a password that was not percent-encoded.
const userInfo =
  /(?<=\/\/)(?:[^\s/?#"'<>:@]{0,256}:(?!\d{1,5}(?:[/?#\s"'<>]|$))[^\s"'<>@]{0,1024}@(?:[^\s/?#"'<>@]{0,1024}@)*|[^\s/?#"'<>]{0,1024}@)/g;
const nameAndPassword = /^([^:]*):?(.*)@$/s;

export interface UserInfo {
  readonly user: string;
  /** Empty when there was none. As it stood: it may be percent-encoded. */
  readonly password: string;
}

/** The text with the user information of every URL and network path in it replaced; URLs without any stay as they are. */
export function withoutUserInfo(text: string): string {
  return mayHold(text) ? text.replace(userInfo, `${userInfoMark}@`) : text;
}

/** What stands before the `@` of the URLs in a text, but for what was replaced before. */
export function userInfosIn(text: string): readonly UserInfo[] {
  if (!mayHold(text)) return [];
  return [...text.matchAll(userInfo)].flatMap(([found]) => {
    const [, user = "", password = ""] = nameAndPassword.exec(found) ?? [];
    return user === userInfoMark && password === "" ? [] : [{ user, password }];
  });
}

/** A `host[:port]` without the user information that a client may have put in front. */
export function withoutAuthorityUser(authority: string): string {
  return authority.slice(authority.lastIndexOf("@") + 1);
}

function mayHold(text: string): boolean {
  return text.includes("//") && text.includes("@");
}
