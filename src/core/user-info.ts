// User information in URLs (RFC 3986 §3.2.1). A program may write it with any character unescaped, so everything up to the last
// `@` of the authority belongs to it.

/** Replaces user information. */
export const userInfoMark = "redacted";

// `//` begins an authority. Unless a port follows its first colon, the text up to the next `@` is user information, even with a
// `/`, `?` or `#` in it: a password that was not percent-encoded.
const userInfo =
  /(?<=\/\/)(?:[^\s/?#"'<>:@]{0,256}:(?!\d{1,5}(?:[/?#\s"'<>]|$))[^\s"'<>@]{0,1024}@(?:[^\s/?#"'<>@]{0,1024}@)*|[^\s/?#"'<>]{0,1024}@)/g;
const nameAndPassword = /^([^:]*):?(.*)@$/s;

export interface UserInfo {
  readonly user: string;
  /** As written, perhaps percent-encoded; empty when there was none. */
  readonly password: string;
}

/** The text with the user information of every URL and network path replaced; other URLs stay unchanged. */
export function withoutUserInfo(text: string): string {
  return mayHold(text) ? text.replace(userInfo, `${userInfoMark}@`) : text;
}

/** The user information of all URLs in a text, except replaced ones. */
export function userInfosIn(text: string): readonly UserInfo[] {
  if (!mayHold(text)) return [];
  return [...text.matchAll(userInfo)].flatMap(([found]) => {
    const [, user = "", password = ""] = nameAndPassword.exec(found) ?? [];
    return user === userInfoMark && password === "" ? [] : [{ user, password }];
  });
}

/** A `host[:port]` without leading user information. */
export function withoutAuthorityUser(authority: string): string {
  return authority.slice(authority.lastIndexOf("@") + 1);
}

function mayHold(text: string): boolean {
  return text.includes("//") && text.includes("@");
}
