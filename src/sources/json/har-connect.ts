// A failed CONNECT in a HAR, as mitmproxy exports it: status 0 and the reason in `_error`. It becomes the event that a live
// capture would have recorded.
import type { CaptureEvent } from "../../core/capture-event.ts";
import { connectionError } from "../values/connection-error.ts";
import { type JsonObject, memberOf, objectOf, sizeOf, textOf } from "../values/foreign-json.ts";
import { parseHttpUrl, parseKnownTime } from "../values/url-parts.ts";

/** The event of an entry with a CONNECT that failed; null for any other entry. */
export function readFailedConnect(entry: JsonObject, before: number): CaptureEvent | null {
  // A HAR of this program has its events in members of their own.
  if (memberOf(entry, "_unfinished") !== undefined || memberOf(entry, "_eventsOnly") !== undefined) return null;
  const request = objectOf(memberOf(entry, "request"));
  const response = objectOf(memberOf(entry, "response"));
  if (textOf(request, "method").toUpperCase() !== "CONNECT" || (sizeOf(response, "status") ?? 0) !== 0) return null;
  const error = (textOf(response, "_error") || textOf(entry, "_error") || textOf(response, "statusText")).slice(0, 400);
  const url = textOf(request, "url");
  const place = parseHttpUrl(url) ?? parseHttpUrl(`https://${url}`);
  const named = /\bfor ([A-Za-z0-9.*-]{1,253}[A-Za-z0-9])/.exec(error)?.[1];
  const host = place?.host ?? named?.toLowerCase() ?? "";
  if (host === "") return null;
  const at = parseKnownTime(textOf(entry, "startedDateTime")) ?? before;
  const client = textOf(entry, "_client");
  if (/does not trust|client (?:disconnected|closed).{0,60}(?:certificate|handshake)/i.test(error)) {
    const reason = "the client does not trust the certificate of the proxy";
    return { kind: "tls-rejected", at, client, host, side: "client", reason };
  }
  if (/^client tls handshake/i.test(error))
    return { kind: "tls-rejected", at, client, host, side: "client", reason: "the handshake with the client failed" };
  if (/certificate verify|server tls handshake|tls handshake with/i.test(error))
    return { kind: "tls-rejected", at, client, host, side: "upstream", reason: "the handshake with the server failed" };
  return {
    kind: "upstream-failed",
    at,
    client,
    host,
    port: place?.port ?? 443,
    reason: connectionError(error) ?? "the connection failed",
  };
}
