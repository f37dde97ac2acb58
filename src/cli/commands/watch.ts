import { setTimeout as wait } from "node:timers/promises";
import { type Configuration, readConfiguration } from "../../app/configuration.ts";
import { judgeServed } from "../../app/doctor/judge-served.ts";
import { keepHeapSmall } from "../../app/engine-flags.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import { readLimits } from "../../app/limit-options.ts";
import { chooseAuthority, hostsToSignFor } from "../../app/live/choose-authority.ts";
import type { FollowedLogs } from "../../app/live/follow-logs.ts";
import { runLive } from "../../app/live/run-live.ts";
import { whenAborted } from "../../app/process-end.ts";
import { readOptionFile, readVerificationOptions } from "../../app/verification-options.ts";
import { ToolError } from "../../core/tool-error.ts";
import { createKnownIssuers } from "../../proxy/certificates/known-issuers.ts";
import { type OwnCertificate, servedChain } from "../../proxy/certificates/own-certificate.ts";
import { defaultScope } from "../../proxy/connections/scope.ts";
import { startProxy } from "../../proxy/start-proxy.ts";
import type { ProxyOptions } from "../../proxy/start-wire.ts";
import { type Address, parseConnectTo, parseListen, parseReverse, type ReverseAddress } from "../options/addresses.ts";
import type { LiveOptions } from "../options/live-options.ts";
import { parseMoment } from "../options/log-scope.ts";
import { type OwnCertificateOptions, readOwnCertificate } from "../options/own-certificate.ts";
import { readSave } from "../options/save-options.ts";
import { readUpstreamProxy } from "../options/upstream-proxy.ts";
import { wantsScreen } from "../views/choose-view.ts";
import { chooseLiveView } from "../views/live-view.ts";

export interface WatchOptions extends LiveOptions, OwnCertificateOptions {
  readonly forward: readonly string[];
  readonly reverse: readonly string[];
  /** Folders; empty for the default places. */
  readonly logs: readonly string[];
  readonly since?: string | undefined;
  readonly host: readonly string[];
  readonly deny: readonly string[];
  readonly allowClient: readonly string[];
  readonly upstreamCa: readonly string[];
  readonly insecureUpstream: readonly string[];
  readonly upstreamProxy?: string | undefined;
  readonly connectTo: readonly string[];
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
  readonly keylog?: string | undefined;
  readonly autoPassthrough: boolean;
  readonly limit: readonly string[];
  readonly allowPort: readonly string[];
  readonly for?: string | undefined;
}

/** Captures live traffic and follows logs until it is interrupted, the person quits, or `--for` is over. Gives the exit code. */
export async function runWatch(options: WatchOptions): Promise<number> {
  const forward = options.forward.map((text) => parseListen(text, "--forward"));
  const targets = options.reverse.map(parseReverse);
  const hasListener = forward.length + targets.length > 0;
  if (!hasListener && options.logs.length === 0) throw nothingToWatch();
  const since = readSince(options);
  keepHeapSmall();
  const seconds = readSeconds(options.for);
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const verification = readVerificationOptions(options);
  const save = readSave(options);
  const capture = hasListener ? readCapture(options, configuration, { forward, targets }) : null;
  const logs = await findLogs(options.logs, { since, hasProxy: hasListener });
  // Last, since from here on there is a certificate file to remove at the end.
  const authority = capture === null ? null : await chooseAuthority(capture.signsFor);
  try {
    const proxy =
      capture === null || authority === null ? null : await startProxy({ ...capture, authority: authority.authority });
    return await runLive({
      proxy,
      startLogs: logs?.start ?? null,
      ...knownApplications(configuration),
      verification,
      realm: options.realm ?? configuration.realm,
      failOn: options.failOn ?? configuration.failOn ?? "error",
      save,
      ...chooseLiveView(options, { title: "watch", mode: "live", configuration, isWatched: wantsScreen(options) }),
      notices: [
        ...(authority?.notices ?? []),
        ...(capture?.certificateNotices ?? []),
        ...insecureNotices(options.insecureUpstream),
        ...exposureNotices([...forward, ...targets.map(({ listen }) => listen)], options.allowClient),
        ...(hasListener ? [] : [withoutListener]),
        ...(logs?.notices ?? []),
      ],
      during: (ended) => waitFor(seconds, ended),
    });
  } finally {
    authority?.release();
  }
}

function nothingToWatch(): ToolError {
  return new ToolError("usage", "watch has nothing to listen on and no logs to follow.", {
    hint: "Give --forward PORT for what Exchange calls, --reverse PORT=https://target for what calls Exchange, or --logs FOLDER for the logs of Exchange Server.",
  });
}

const withoutListener = "No port is opened, no inspection CA is made and no traffic passes here: only logs are read.";

interface Capture extends Omit<ProxyOptions, "authority"> {
  /** What the inspection CA signs for. */
  readonly signsFor: readonly string[];
  /** What clients will find wrong with the certificate of reverse listeners. */
  readonly certificateNotices: readonly string[];
}

/** The proxy's options but for its CA. */
function readCapture(
  options: WatchOptions,
  configuration: Configuration,
  { forward, targets }: { readonly forward: readonly Address[]; readonly targets: readonly ReverseAddress[] },
): Capture {
  const limits = readLimits(options.limit, configuration.limits);
  const named = [...options.host, ...configuration.hosts];
  const tls = readOwnCertificate(options);
  const upstreamProxy = readUpstreamProxy(options.upstreamProxy, process.env);
  const upstreamCa = options.upstreamCa.map((path) => readOptionFile(path, "--upstream-ca").toString("utf8"));
  const hosts = targets.map(({ target }) => target.host);
  const hasForward = forward.length > 0;
  return {
    signsFor: hostsToSignFor({ hasForward, targets: hosts, hasOwnCertificate: tls !== null, named }),
    certificateNotices:
      tls === null || targets.length === 0 ? [] : certificateNotices(tls, [...hosts, ...named], upstreamCa),
    forward,
    reverse: targets.map((target) => (tls === null ? target : { ...target, tls })),
    scope: [...(named.length > 0 ? named : defaultScope), ...hosts],
    deny: options.deny,
    allowClients: options.allowClient,
    upstreamCa,
    resolve: new Map(options.connectTo.map(parseConnectTo)),
    insecureUpstream: options.insecureUpstream,
    ...(upstreamProxy === null ? {} : { upstreamProxy }),
    ...(options.keylog === undefined ? {} : { keylogFile: options.keylog }),
    autoPassthrough: options.autoPassthrough,
    ports: readPorts(options.allowPort),
    limits,
  };
}

/** The logs of `--logs`; null without the option, which then loads nothing. */
async function findLogs(
  folders: readonly string[],
  how: { readonly since: number | null; readonly hasProxy: boolean },
): Promise<FollowedLogs | null> {
  if (folders.length === 0) return null;
  const { followLogs } = await import("../../app/live/follow-logs.ts");
  return await followLogs({ folders, ...how });
}

function readSince({ logs, since }: WatchOptions): number | null {
  if (since === undefined) return null;
  if (logs.length > 0) return parseMoment(since, "--since", Date.now());
  throw new ToolError("usage", "--since is about logs, and --logs is missing.", {
    hint: "Add --logs FOLDER, or leave --since out.",
  });
}

/** Waits for some seconds, without a number for the end of the run. */
function waitFor(seconds: number | null, ended: AbortSignal): Promise<void> {
  // The only rejection of the wait is that of the signal: the run is over.
  return seconds === null
    ? whenAborted(ended)
    : wait(seconds * 1000, undefined, { signal: ended }).catch(() => undefined);
}

function certificateNotices(own: OwnCertificate, names: readonly string[], upstreamCa: readonly string[]): string[] {
  const served = { chain: servedChain(own), names, issuers: createKnownIssuers(upstreamCa), now: Date.now() };
  return judgeServed(served)
    .filter(({ status }) => status !== "ok")
    .map(({ message, remedy }) => `WARNING: reverse listener: ${message}. What to do: ${remedy}.`);
}

function insecureNotices(hosts: readonly string[]): string[] {
  return hosts.map(
    (host) =>
      `WARNING: the certificate of ${host} is not verified; any server that answers under this name is trusted.`,
  );
}

/** Notices for listeners that other machines can reach. */
function exposureNotices(
  listens: readonly { readonly host: string; readonly port: number }[],
  allowed: readonly string[],
): string[] {
  const exposed = listens.filter(({ host }) => host !== "localhost" && host !== "::1" && !host.startsWith("127."));
  return exposed.map(({ host, port }) => {
    const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    return allowed.length > 0
      ? `${place} can be reached by other machines; connections are accepted from ${allowed.join(", ")} only.`
      : `WARNING: ${place} can be reached by other machines; name the clients to watch with --allow-client, or admit only those with a firewall.`;
  });
}

/** The ports for tunnels to hosts out of scope: 80, 443 and those of --allow-port. */
function readPorts(named: readonly string[]): readonly number[] {
  const ports = named.map((text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port >= 1 && port <= 65_535) return port;
    throw new ToolError("usage", `--allow-port ${JSON.stringify(text.slice(0, 20))} is not a port.`, {
      hint: "For example --allow-port 8443.",
    });
  });
  return [80, 443, ...ports];
}

function readSeconds(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  // setTimeout counts milliseconds in 32 bits: after more than 24 days it would fire at once.
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 2_000_000) return seconds;
  throw new ToolError("usage", `--for ${JSON.stringify(text.slice(0, 20))} is not a number of seconds.`, {
    hint: "For example --for 60.",
  });
}
