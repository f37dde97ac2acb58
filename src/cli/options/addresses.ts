import { ToolError } from "../../core/tool-error.ts";

/** Where to listen or to connect. `host` has no brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A reverse listener and its target. */
export interface ReverseAddress {
  readonly listen: Address;
  readonly target: Address;
}

const listenHint = "Write PORT, HOST:PORT or [IPv6]:PORT, for example --forward 8080 (0 takes any free port).";
const reverseHint = "Write [HOST:]PORT=https://target[:port], for example --reverse 8443=https://mail.contoso.com.";

/** `PORT`, `HOST:PORT` or `[::1]:PORT`; without a host the loopback address. Throws ToolError `usage`. */
export function parseListen(text: string, option: string): Address {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/i.exec(text.trim());
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw new ToolError("usage", `${option} ${quoted(text)} is not an address to listen on.`, { hint: listenHint });
  return { host: (match[1] ?? "127.0.0.1").replace(/^\[|\]$/g, ""), port };
}

/** `[HOST:]PORT=https://target[:port]`. Throws ToolError `usage`. */
export function parseReverse(text: string): ReverseAddress {
  const equals = text.indexOf("=");
  if (equals < 0) throw new ToolError("usage", `--reverse ${quoted(text)} names no target.`, { hint: reverseHint });
  const listen = parseListen(text.slice(0, equals), "--reverse");
  const url = text.slice(equals + 1);
  if (!URL.canParse(url))
    throw new ToolError("usage", `--reverse ${quoted(text)} has no URL as its target.`, { hint: reverseHint });
  const parsed = new URL(url);
  if (parsed.protocol !== "https:" || parsed.pathname !== "/" || parsed.search !== "" || parsed.username !== "") {
    throw new ToolError(
      "usage",
      `--reverse ${quoted(text)}: the target must be https://host[:port] and nothing more.`,
      { hint: reverseHint },
    );
  }
  return { listen, target: { host: parsed.hostname.replace(/^\[|\]$/g, ""), port: Number(parsed.port || "443") } };
}

/** `NAME:PORT=HOST:PORT`: dial another address for a name and keep its TLS name, as curl's --connect-to. Throws ToolError `usage`. */
export function parseConnectTo(text: string): readonly [string, Address] {
  const match = /^([^:=]+:\d{1,5})=(.+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new ToolError("usage", `--connect-to ${quoted(text)} is not NAME:PORT=HOST:PORT.`, {
      hint: "For example --connect-to mail.contoso.com:443=10.0.0.5:443.",
    });
  }
  return [match[1].toLowerCase(), parseListen(match[2], "--connect-to")];
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
