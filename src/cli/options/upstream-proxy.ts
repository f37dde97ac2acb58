import { ToolError } from "../../core/tool-error.ts";

/** The proxy through which the targets are reached; `host` has no brackets. */
export interface UpstreamProxy {
  readonly host: string;
  readonly port: number;
  /** `user:password` for Proxy-Authorization; secret. */
  readonly credentials: string | null;
}

/**
 * `--upstream-proxy http://host:port`. Credentials come only from REALMSCOPE_UPSTREAM_PROXY_AUTH: all users of the machine
 * can read a command line. Throws ToolError `usage`.
 */
export function readUpstreamProxy(url: string | undefined, environment: NodeJS.ProcessEnv): UpstreamProxy | null {
  if (url === undefined) return null;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || parsed.protocol !== "http:" || parsed.hostname === "") {
    throw new ToolError("usage", "--upstream-proxy is not an http:// URL.", {
      hint: "For example --upstream-proxy http://proxy.contoso.com:3128.",
    });
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new ToolError("usage", "--upstream-proxy holds credentials, which every user of this machine could read.", {
      hint: "Put user:password into the environment variable REALMSCOPE_UPSTREAM_PROXY_AUTH.",
    });
  }
  const credentials = environment.REALMSCOPE_UPSTREAM_PROXY_AUTH ?? null;
  return { host: parsed.hostname.replace(/^\[|\]$/g, ""), port: Number(parsed.port || "80"), credentials };
}
