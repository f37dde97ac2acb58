// Posts a form to the token endpoint and reads the answer; errors never hold the secrets of the form.
import { type Fetch, readProperty } from "../graph/graph-client.ts";
import { type Reason, Stop } from "../model/stop.ts";

export interface LoginContext {
  readonly login: string;
  readonly tenant: string;
  readonly graph: string;
  readonly fetch: Fetch;
  readonly hide: (text: string) => string;
}

export type LoginAnswer =
  | { readonly kind: "ok"; readonly body: unknown }
  | { readonly kind: "error"; readonly error: string; readonly description: string };

/** Posts one form. Throws Stop when there is no answer. */
export async function postLogin(
  context: LoginContext,
  path: "token" | "devicecode",
  form: Readonly<Record<string, string>>,
): Promise<LoginAnswer> {
  const url = `${context.login}/${context.tenant}/oauth2/v2.0/${path}`;
  let response: Response;
  try {
    response = await context.fetch(url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(form),
      redirect: "error",
      signal: AbortSignal.timeout(60_000),
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    throw new Stop(noAnswer(context.login));
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return { kind: "ok", body };
  const words = (name: string): string => String(readProperty(body, name) ?? "");
  return {
    kind: "error",
    error: words("error") || `http_${response.status}`,
    description: context.hide(
      words("error_description")
        .split(/[\r\n]/)[0]
        ?.slice(0, 300) ?? "",
    ),
  };
}

/** Reads the access token of an answer. Throws Stop when there is none. */
export function readAccessToken(answer: LoginAnswer): string {
  const token = answer.kind === "ok" ? readProperty(answer.body, "access_token") : undefined;
  if (typeof token === "string" && token !== "") return token;
  throw new Stop(signInRefusal(answer.kind === "error" ? answer : { error: "no_token", description: "" }));
}

/** The reason for a refused sign-in. */
export function signInRefusal({
  error,
  description,
}: {
  readonly error: string;
  readonly description: string;
}): Reason {
  return {
    code: "graph-unauthorized",
    message: `The sign-in was refused: ${error}${description === "" ? "" : `: ${description}`}.`,
    hint: "Check tenant, client id and secret or certificate. Some tenants block device codes: then use --sign-in az or client-credentials.",
  };
}

function noAnswer(login: string): Reason {
  return {
    code: "graph-unreachable",
    message: `The token issuer at ${login} did not answer.`,
    hint: "Check the connection (HTTPS_PROXY, firewall) and --cloud.",
  };
}
