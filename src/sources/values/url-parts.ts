import { isKnownTime } from "../../core/capture-time.ts";
import { withoutUserInfo } from "../../core/user-info.ts";

export interface UrlParts {
  readonly scheme: "http" | "https";
  /** Lower case, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, beginning with `/`. */
  readonly target: string;
}

const urlParts =
  /^(https?|wss?):\/\/(?:[^/?#]*@)?(\[[0-9a-f:.]{2,45}\]|[^/?#:@\s]{1,255})(?::(\d{1,5}))?(?=[/?#]|$)([/?][^#]*)?/i;

/** The parts of a URL as other programs write it; null when it is not an HTTP or WebSocket URL. */
export function parseHttpUrl(url: string): UrlParts | null {
  // User information may contain any character where a program did not encode it.
  const parts = urlParts.exec(withoutUserInfo(url));
  if (parts === null) return null;
  const [, protocol = "", host = "", port, path = ""] = parts;
  const scheme = /^(?:https|wss)$/i.test(protocol) ? "https" : "http";
  return {
    scheme,
    host: host.toLowerCase().replace(/^\[|\]$/g, ""),
    port: portOf(Number(port)) ?? (scheme === "https" ? 443 : 80),
    target: path.startsWith("/") ? path : `/${path}`,
  };
}

export function portOf(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536 ? value : null;
}

/** Epoch milliseconds of a time in text; null as well for the values that programs write for an unknown time. */
export function parseKnownTime(text: string): number | null {
  const at = timeOf(text);
  return at !== null && isKnownTime(at) ? at : null;
}

// ISO 8601 with any offset and any number of fraction digits, or an HTTP date; epoch milliseconds.
function timeOf(text: string): number | null {
  const time = text.length <= 40 ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
