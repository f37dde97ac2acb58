import type { Fetch } from "../../provisioning/graph/graph-client.ts";

/** Node's own fetch, or undici's through HTTPS_PROXY: the built-in one of Node 20 does not look at it. */
export async function chooseFetch(environment: NodeJS.ProcessEnv = process.env): Promise<Fetch> {
  const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
  if (!names.some((name) => (environment[name] ?? "") !== "")) return fetch;
  const undici = await import("undici");
  const dispatcher = new undici.EnvHttpProxyAgent();
  // The same standard, declared twice: undici's types are its own copy of those that Node 20 has built in.
  return ((url, init) => undici.fetch(url, { ...(init as object), dispatcher })) as Fetch;
}
