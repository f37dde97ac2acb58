// The look-up of Autodiscover v2 ([MS-OXDSCLI] does not have it; "Resolve interaction issues between Teams and Exchange Server" shows
// request and answer): GET /autodiscover/autodiscover.json?Email=…&Protocol=EWS, without sign-in. The address in it is never kept.
import { firstHeader } from "../../core/headers.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { bodyText } from "../body-text.ts";
import type { Discovery } from "../discovery-facts.ts";
import { readJsonObject } from "../json-text.ts";

const maxAnswer = 64 * 1024;
const isLookUp = /^\/autodiscover\/autodiscover\.json(?:\/v1\.0\/[^/?#]{1,512})?\/?\?/i;

/** The look-up of a transaction and its answer; null for every other transaction. `path` is path and query. */
export function discoveryOf({ request, response }: HttpTransaction, path: string): Discovery | null {
  if (request.method !== "GET" || !isLookUp.test(path)) return null;
  const protocol = /[?&]protocol=([A-Za-z0-9]{1,32})(?:&|$)/i.exec(path)?.[1] ?? "";
  if (protocol === "") return null;
  const nothing: Discovery = { protocol, host: "", answer: "none", errorCode: "" };
  if (response === null) return nothing;
  const isRedirect = response.status >= 300 && response.status < 400;
  return isRedirect
    ? readRedirect(nothing, firstHeader(response.headers, "location") ?? "")
    : readAnswer(nothing, response);
}

function readAnswer(nothing: Discovery, { headers, body }: HttpResponse): Discovery {
  const text = bodyText(body, maxAnswer).trimStart();
  const isPage = text.startsWith("<") || /^text\/html\b/i.test(firstHeader(headers, "content-type") ?? "");
  if (isPage) return { ...nothing, answer: "page" };
  const json = text.startsWith("{") ? readJsonObject(text) : null;
  if (json === null || !json.ok) return { ...nothing, answer: "other" };
  const { Url: url, ErrorCode: code } = json.value.value;
  const errorCode = typeof code === "string" ? (/^[A-Za-z]{1,64}$/.exec(code)?.[0] ?? "") : "";
  const host = typeof url === "string" ? hostOf(url) : "";
  return { ...nothing, host, answer: host === "" ? "other" : "address", errorCode };
}

/** A redirect to another look-up sends the caller on; any other one is likely a sign-in page. */
function readRedirect(nothing: Discovery, location: string): Discovery {
  const isOn = /^(?:https?:\/\/[^/?#]{1,260})?\/autodiscover\/autodiscover\.json/i.test(location);
  return { ...nothing, host: hostOf(location), answer: isOn ? "sent-on" : "sign-in" };
}

/** The host of a URL in lower case without port; empty when it has none. */
function hostOf(url: string): string {
  const host = /^https?:\/\/([^/?#\\@:]{1,253})(?::\d{1,5})?(?:[/?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? "";
  return /^[a-z0-9._-]+$/.test(host) ? host : "";
}
