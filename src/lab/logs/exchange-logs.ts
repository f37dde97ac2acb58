// All logs of one lab, below one folder as they lie on a server.
import { openBackEndLogs } from "./back-end-logs.ts";
import { openEventLog } from "./event-log.ts";
import type { ExchangeCall, OutboundTokenRequest, SignIn } from "./exchange-call.ts";
import { openHttpProxyLogs } from "./http-proxy-log.ts";
import { openIisLogs } from "./iis-log.ts";
import type { OAuthMembers } from "./oauth-members.ts";
import { openOAuthOutboundLog } from "./oauth-outbound-log.ts";
import { openSignInLog } from "./sign-in-log.ts";

export interface LogOptions {
  readonly folder: string;
  /** Default: all. */
  readonly oauthMembers?: OAuthMembers;
}

/** What the servers of a lab report to its logs. */
export interface ServerLogs {
  readonly call: (call: ExchangeCall) => void;
  readonly tokenRequest: (request: OutboundTokenRequest) => void;
  readonly signIn: (signIn: SignIn) => void;
  /** Resolves when every row is on the disk. Throws ToolError when one could not be written. */
  readonly close: () => Promise<void>;
}

/** Opens the logs. `build` as Exchange sends it (`15.2.2562.41`); null for Exchange 2013. */
export function openServerLogs({ folder, oauthMembers = "all" }: LogOptions, build: string | null): ServerLogs {
  const settings = { version: paddedVersion(build ?? "15.0.1497.48"), isOf2013: build === null, oauthMembers };
  const calls = [
    openHttpProxyLogs(folder, settings),
    openBackEndLogs(folder, settings),
    openIisLogs(folder),
    openEventLog(folder),
  ];
  const outbound = openOAuthOutboundLog(folder, settings);
  const signIns = openSignInLog(folder);
  return {
    call(call) {
      for (const log of calls) log.add(call);
    },
    tokenRequest: outbound.add,
    signIn: signIns.add,
    async close() {
      await Promise.all([...calls, outbound, signIns].map((log) => log.close()));
    },
  };
}

/** `15.2.2562.41` → `15.02.2562.041`, as the logs write it. */
function paddedVersion(build: string): string {
  const [major = "", minor = "", number = "", revision = ""] = build.split(".");
  return [major, minor.padStart(2, "0"), number.padStart(4, "0"), revision.padStart(3, "0")].join(".");
}
