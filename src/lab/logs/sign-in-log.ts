// Entra's sign-ins of service principals, in the shape of Microsoft Graph (`auditLogs/signIns`), exported when the lab stops.
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { SignIn } from "./exchange-call.ts";
import type { Log } from "./log-settings.ts";

/** Collects sign-ins; `close` writes `Entra/signIns.json` when there are any. */
export function openSignInLog(root: string): Log<SignIn> {
  const signIns: SignIn[] = [];
  return {
    add(signIn) {
      signIns.push(signIn);
    },
    async close() {
      if (signIns.length === 0) return;
      await mkdir(join(root, "Entra"), { recursive: true });
      const value = signIns.map(record);
      await writeFile(join(root, "Entra", "signIns.json"), `${JSON.stringify({ value }, null, 2)}\n`);
    },
  };
}

function record(signIn: SignIn): object {
  return {
    id: randomUUID(),
    createdDateTime: new Date(signIn.at).toISOString(),
    appId: signIn.applicationId,
    servicePrincipalName: "",
    resourceId: signIn.resourceId,
    ipAddress: signIn.client,
    correlationId: signIn.clientRequestId,
    signInEventTypes: ["servicePrincipal"],
    status: { errorCode: signIn.errorCode, failureReason: signIn.failureReason },
  };
}

/** The sign-in that a token request was: `answer` is the body that the token service sent. */
export function signInOf(
  request: IncomingMessage,
  { applicationId, resource }: { readonly applicationId: string; readonly resource: string },
  answer: object,
): SignIn {
  const { error_description: failureReason = "" } = answer as { readonly error_description?: string };
  return {
    at: Date.now(),
    clientRequestId: String(request.headers["client-request-id"] ?? ""),
    client: request.socket.remoteAddress ?? "",
    applicationId,
    resourceId: resource,
    errorCode: Number(/^[A-Z]+(\d+):/.exec(failureReason)?.[1] ?? 0),
    failureReason,
  };
}
