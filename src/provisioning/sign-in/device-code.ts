// A token by device code (RFC 8628): the person signs in on another device, and this one holds no secret.
import { readProperty } from "../graph/graph-client.ts";
import { Stop } from "../model/stop.ts";
import { type LoginContext, postLogin, readAccessToken, signInRefusal } from "./login-request.ts";

export interface DeviceCodeOptions extends LoginContext {
  readonly clientId: string;
  /** Shows the person the address and the user code. The device code itself is never shown. */
  readonly show: (prompt: { readonly address: string; readonly code: string }) => void;
  readonly learn: (secret: string) => void;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** Microsoft's application for Graph command lines; every tenant has it. */
export const defaultClientId = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

/** Requests a code, shows it, and polls until the person has signed in. Throws Stop. */
export async function fetchDeviceCodeToken(options: DeviceCodeOptions): Promise<string> {
  const scope = `${options.graph}/Application.ReadWrite.All`;
  const started = await postLogin(options, "devicecode", { client_id: options.clientId, scope });
  if (started.kind === "error") throw new Stop(signInRefusal(started));
  const words = (name: string): string => String(readProperty(started.body, name) ?? "");
  options.learn(words("device_code"));
  options.show({ address: words("verification_uri"), code: words("user_code") });
  const end = options.now() + Number(readProperty(started.body, "expires_in") ?? 900) * 1000;
  let intervalMs = Number(readProperty(started.body, "interval") ?? 5) * 1000;
  while (options.now() < end) {
    await options.wait(intervalMs);
    const answer = await postLogin(options, "token", {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id: options.clientId,
      device_code: words("device_code"),
    });
    if (answer.kind === "ok") return readAccessToken(answer);
    // RFC 8628 §3.5: slow_down lengthens the interval by five seconds from now on.
    if (answer.error === "slow_down") intervalMs += 5000;
    else if (answer.error !== "authorization_pending") throw new Stop(signInRefusal(answer));
  }
  throw new Stop(signInRefusal({ error: "expired_token", description: "nobody signed in before the code expired" }));
}
