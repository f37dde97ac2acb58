import { X509Certificate } from "node:crypto";
import { readConfiguration } from "../../app/configuration.ts";
import type { Check } from "../../app/doctor/check.ts";
import { checkAuthority } from "../../app/doctor/check-authority.ts";
import { checkPorts } from "../../app/doctor/check-ports.ts";
import { checkTarget } from "../../app/doctor/check-target.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { readOptionFile } from "../../app/verification-options.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { createUpstreamTrust } from "../../proxy/certificates/upstream-trust.ts";
import { createDenyRules } from "../../proxy/connections/deny-rules.ts";
import { createDial } from "../../proxy/connections/dial.ts";
import type { HostPort } from "../../proxy/connections/host-and-port.ts";
import { defaultScope } from "../../proxy/connections/scope.ts";
import { defaultLimits } from "../../proxy/interception/limits.ts";
import { type OwnCertificate, openCertificate } from "../../proxy/reverse-listener.ts";
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
  const scope = [...(named.length > 0 ? named : defaultScope), ...reverse.map(({ target }) => target.host)];
  const own = readOwnCertificate(options);
  const shown = own === null ? null : presentedCertificate(own);
  const upstreamProxy = readUpstreamProxy(options.upstreamProxy, process.env);
  const dial = createDial({
    mayReach: () => true,
    resolve: new Map(options.connectTo.map(parseConnectTo)),
    deny: createDenyRules([]),
    connectMs: defaultLimits.connectMs,
    upstreamProxy,
  });
  const trust = createUpstreamTrust(
    options.upstreamCa.map((path) => readOptionFile(path, "--upstream-ca").toString("utf8")),
  );
  const checks: Check[] = [
    ...(await checkPorts([...forward, ...reverse.map(({ listen }) => listen)])),
    ...checkAuthority(scope),
  ];
  const about = { dial, trust, limitMs: defaultLimits.connectMs };
  for (const { target } of reverse) checks.push(...(await checkTarget(target, { ...about, shown })));
  for (const target of hostsWithoutWildcard(named)) checks.push(...(await checkTarget(target, about)));
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

function presentedCertificate(own: OwnCertificate): X509Certificate {
  const context = openCertificate(own);
  // Not in the typings of Node: the certificate of the context as DER.
  const der = (context.context as { getCertificate?: () => Buffer | null }).getCertificate?.() ?? null;
  if (der !== null) return new X509Certificate(der);
  throw new ToolError("certificate-unusable", "The certificate of the reverse listener cannot be read back.", {
    hint: "Give it as --cert and --key in PEM form.",
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
