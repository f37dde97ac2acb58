// Gets the token for Microsoft Graph in the chosen way. Secrets come from the environment or a file, never from a flag.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Fetch } from "../../provisioning/graph/graph-client.ts";
import type { SecretFilter } from "../../provisioning/model/hide-secrets.ts";
import type { Settings } from "../../provisioning/model/settings.ts";
import { fetchAzToken } from "../../provisioning/sign-in/az.ts";
import { type ClientProof, fetchClientCredentialsToken } from "../../provisioning/sign-in/client-credentials.ts";
import { defaultClientId, fetchDeviceCodeToken } from "../../provisioning/sign-in/device-code.ts";
import type { Answers } from "./answers.ts";

export interface SignInContext {
  readonly answers: Answers;
  readonly settings: Settings;
  readonly fetch: Fetch;
  readonly secrets: SecretFilter;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const waysHint = "Set REALMSCOPE_GRAPH_TOKEN, or choose --sign-in az, device-code, client-credentials or stdin.";

/** Returns a function that gets a token. Throws ToolError `no-token` or `missing-setting`, at once or from that function. */
export function chooseToken(context: SignInContext): () => Promise<string> {
  const { answers, settings, fetch, secrets } = context;
  const environment = process.env.REALMSCOPE_GRAPH_TOKEN ?? "";
  const way = answers.signIn ?? (environment !== "" ? "env" : process.stdin.isTTY ? "device-code" : "none");
  const login = {
    login: settings.cloud.login,
    graph: settings.cloud.graph,
    tenant: settings.tenant,
    fetch,
    hide: (words: string) => secrets.hide(words),
    learn: (secret: string) => secrets.learn(secret),
    now: context.now,
    wait: context.wait,
  };
  switch (way) {
    case "env":
      if (environment === "") throw new ToolError("no-token", "REALMSCOPE_GRAPH_TOKEN is empty.", { hint: waysHint });
      return () => Promise.resolve(environment);
    case "stdin": {
      const typed = text(process.stdin);
      return async () => (await typed).trim();
    }
    case "az":
      return () => fetchAzToken({ tenant: settings.tenant, graph: settings.cloud.graph });
    case "device-code":
      return () =>
        fetchDeviceCodeToken({ ...login, clientId: answers.clientId ?? defaultClientId, show: showDeviceCode });
    case "client-credentials":
      return () =>
        fetchClientCredentialsToken({
          ...login,
          clientId: requiredClient(answers),
          proof: readProof(answers, secrets),
        });
    default:
      throw new ToolError("no-token", "There is no token for Microsoft Graph.", { hint: waysHint });
  }
}

function showDeviceCode({ address, code }: { readonly address: string; readonly code: string }): void {
  process.stderr.write(`To sign in, open ${safe(address)} and enter the code ${safe(code)}.\n`);
}

function requiredClient({ clientId }: Answers): string {
  if (clientId !== undefined) return clientId;
  throw new ToolError("missing-setting", "--client-id is missing.", {
    hint: "Give the id of the application that signs in.",
  });
}

function readProof({ clientCertificate }: Answers, secrets: SecretFilter): ClientProof {
  if (clientCertificate !== undefined) {
    const pem = readFile(clientCertificate);
    secrets.learn(pem);
    return { kind: "certificate", pem };
  }
  const secret = process.env.REALMSCOPE_CLIENT_SECRET ?? "";
  if (secret === "") {
    throw new ToolError("no-token", "Client credentials need a secret or a certificate.", {
      hint: "Set REALMSCOPE_CLIENT_SECRET, or give --client-certificate.",
    });
  }
  secrets.learn(secret);
  return { kind: "secret", secret };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ToolError("unreadable-file", `${JSON.stringify(path)} cannot be read.`, {
      hint: "Check the path and its rights.",
      cause,
    });
  }
}
