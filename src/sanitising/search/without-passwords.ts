import type { Header } from "../../core/headers.ts";
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";
import { withoutAuthorityUser, withoutUserInfo } from "../../core/user-info.ts";
import { readBase64 } from "../../decoders/base64.ts";
import { bodyText } from "../../decoders/body-text.ts";
import { splitCredentials } from "../../decoders/tokens/authorization.ts";
import { base64 } from "../base64-text.ts";

const hidden = "<password>";
// Members of forms, JSON and XML that hold a password.
const inBody =
  /((?:^|[&?])(?:password|passwd|pwd|client_secret)=)[^&]*|("(?:password|passwd|pwd|client_secret)"\s*:\s*")(?:[^"\\]|\\.)*|(<(?:\w+:)?Password\b[^>]*>)[^<]*/gi;
const bodyLimit = 256 * 1024;

/**
 * The original transaction without passwords, for a person who requested it. It still holds other secrets (tokens with signatures,
 * cookies), so it may go to the screen and never to a file.
 */
export function withoutPasswords(transaction: HttpTransaction): HttpTransaction {
  const { request, response } = transaction;
  return {
    ...transaction,
    request: {
      ...request,
      target: withoutUserInfo(request.target),
      headers: request.headers.map(safeHeader),
      body: safeBody(request.body),
    },
    response:
      response === null
        ? null
        : { ...response, headers: response.headers.map(safeHeader), body: safeBody(response.body) },
  };
}

function safeHeader([name, value]: Header): Header {
  if (/^(?:proxy-)?authorization$/i.test(name)) return [name, splitCredentials(value).map(safeCredentials).join(", ")];
  return [name, name.toLowerCase() === "host" ? withoutAuthorityUser(value) : withoutUserInfo(value)];
}

function safeCredentials(value: string): string {
  const [, scheme = "", credentials = ""] = /^(\s*basic\s+)(.*)$/is.exec(value) ?? [];
  if (scheme === "") return value;
  const bytes = readBase64(credentials.trim());
  const text = bytes === null ? "" : new TextDecoder().decode(bytes);
  const colon = text.indexOf(":");
  // Any part of unreadable credentials may be a password.
  if (colon === -1) return `${scheme}${hidden}`;
  return scheme + base64(new TextEncoder().encode(`${text.slice(0, colon)}:${hidden}`));
}

function safeBody(body: CapturedBody): CapturedBody {
  const text = bodyText(body, bodyLimit);
  inBody.lastIndex = 0;
  if (!inBody.test(text)) return body;
  const shown = text.replace(
    inBody,
    (_, ...groups: (string | undefined)[]) => `${groups.slice(0, 3).join("")}${hidden}`,
  );
  return { ...body, bytes: new TextEncoder().encode(shown) };
}
