import { readConfiguration } from "../../app/configuration.ts";
import type { Check } from "../../app/doctor/check.ts";
import { checkAuthority } from "../../app/doctor/check-authority.ts";
import { checkOwnCertificate } from "../../app/doctor/check-own-certificate.ts";
import { checkPorts } from "../../app/doctor/check-ports.ts";
import { checkTarget } from "../../app/doctor/check-target.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { hostsToSignFor } from "../../app/live/choose-authority.ts";
import { readOptionFile } from "../../app/verification-options.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { createKnownIssuers } from "../../proxy/certificates/known-issuers.ts";
import { servedChain } from "../../proxy/certificates/own-certificate.ts";
import { createUpstreamTrust } from "../../proxy/certificates/upstream-trust.ts";
import { createDenyRules } from "../../proxy/connections/deny-rules.ts";
import { createDial } from "../../proxy/connections/dial.ts";
import { type HostPort, hostPortText } from "../../proxy/connections/host-and-port.ts";
import { createScope } from "../../proxy/connections/scope.ts";
import { defaultLimits } from "../../proxy/interception/limits.ts";
import { parseConnectTo, parseListen, parseReverse } from "../options/addresses.ts";
import { type OwnCertificateOptions, readOwnCertificate } from "../options/own-certificate.ts";
import { readUpstreamProxy } from "../options/upstream-proxy.ts";

export interface DoctorOptions extends OwnCertificateOptions {
  readonly forward: readonly string[];
  readonly reverse: readonly string[];
  /** Folders; an empty text stands for the places where Exchange Server keeps its logs. */
  readonly logs: readonly string[];
  readonly host: readonly string[];
  readonly upstreamCa: readonly string[];
  readonly upstreamProxy?: string | undefined;
  readonly connectTo: readonly string[];
  readonly config?: string | undefined;
  readonly json?: true | undefined;
}

/** Checks what usually goes wrong before a capture, with the options of `watch`. Gives 1 when a check failed, else 0. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const isAboutLogs = options.logs.length > 0;
  const isAboutProxy = options.forward.length + options.reverse.length + options.host.length > 0;
  const folders = isAboutLogs ? await findFolders(options.logs) : [];
  const checks = isAboutProxy || !isAboutLogs ? await checkProxy(options) : [];
  if (isAboutLogs) {
    const { checkLogs } = await import("../../app/doctor/check-logs.ts");
    checks.push(...(await checkLogs(folders, Date.now())));
  }
  return printChecks(checks, options.json === true);
}

async function findFolders(folders: readonly string[]): Promise<readonly string[]> {
  const { findLogFolders } = await import("../../app/log-places.ts");
  return await findLogFolders(folders);
}

async function checkProxy(options: DoctorOptions): Promise<Check[]> {
  const forward = options.forward.map((text) => parseListen(text, "--forward"));
  const reverse = options.reverse.map(parseReverse);
  const named = [...options.host, ...(await readConfiguration(options.config)).hosts];
  const own = readOwnCertificate(options);
  const targets = reverse.map(({ target }) => target.host);
  const chain = own === null ? null : servedChain(own);
  const upstreamCa = options.upstreamCa.map((path) => readOptionFile(path, "--upstream-ca").toString("utf8"));
  const about = {
    dial: createDial({
      mayReach: () => true,
      resolve: new Map(options.connectTo.map(parseConnectTo)),
      deny: createDenyRules([]),
      connectMs: defaultLimits.connectMs,
      upstreamProxy: readUpstreamProxy(options.upstreamProxy, process.env),
    }),
    upstreamTrust: createUpstreamTrust(upstreamCa),
    knownIssuers: createKnownIssuers(upstreamCa),
    insecureUpstream: createScope([]),
    keylog: null,
    limits: { handshakeMs: defaultLimits.connectMs },
  };
  const hasForward = forward.length > 0 || reverse.length === 0;
  const checks: Check[] = [
    ...(await checkPorts([...forward, ...reverse.map(({ listen }) => listen)])),
    ...checkAuthority(hostsToSignFor({ hasForward, targets, hasOwnCertificate: own !== null, named })),
  ];
  if (own !== null && chain !== null) {
    const served = { chain, names: [...targets, ...named], issuers: about.knownIssuers, now: Date.now() };
    checks.push(...checkOwnCertificate(own, served));
  }
  const shown = chain?.leaf ?? null;
  for (const { target } of reverse) checks.push(...(await checkTarget(target, { ...about, shown })));
  const isReverse = (place: HostPort): boolean =>
    reverse.some(({ target }) => hostPortText(target) === hostPortText(place));
  const others = hostsWithoutWildcard(named).filter((place) => !isReverse(place));
  for (const target of others) checks.push(...(await checkTarget(target, about)));
  return checks;
}

/** The hosts without a wildcard, which can be connected to. */
function hostsWithoutWildcard(patterns: readonly string[]): readonly HostPort[] {
  return patterns
    .filter((pattern) => !pattern.includes("*"))
    .map((pattern) => {
      const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(pattern);
      return { host: (match?.[1] ?? pattern).replace(/^\[|\]$/g, ""), port: Number(match?.[2] ?? "443") };
    });
}

function printChecks(checks: readonly Check[], isJson: boolean): number {
  if (isJson) process.stdout.write(`${safeJson({ schema: "realmscope.doctor/1", checks })}\n`);
  else {
    for (const { status, name, message, remedy } of checks) {
      process.stdout.write(`${status.padEnd(8)} ${safe(`${name}: ${message}`)}\n`);
      if (remedy !== "") process.stdout.write(`${" ".repeat(9)}${safe(remedy)}\n`);
    }
  }
  return checks.some(({ status }) => status === "failed") ? exitCode.problemFound : exitCode.trustShown;
}
