// The path of the traffic: listeners and what their connections share. Loads nothing that reads what passes.
import type { Server, Socket } from "node:net";
import type { CaptureEvent } from "../core/capture-event.ts";
import { ToolError } from "../core/tool-error.ts";
import type { LeafSigner } from "./certificates/certificate-authority.ts";
import { createKnownIssuers } from "./certificates/known-issuers.ts";
import type { OwnCertificate } from "./certificates/own-certificate.ts";
import { createUpstreamTrust } from "./certificates/upstream-trust.ts";
import { createAutoPassthrough } from "./connections/auto-passthrough.ts";
import { bind } from "./connections/bind.ts";
import { createClientGate, RefusedClients } from "./connections/client-gate.ts";
import { OpenConnections } from "./connections/connection-set.ts";
import { createDenyRules, type DenyRules } from "./connections/deny-rules.ts";
import { createDial, createPlainRoute } from "./connections/dial.ts";
import { type HostPort, hostPortText } from "./connections/host-and-port.ts";
import { ProbeCounts, type Probes } from "./connections/probe-counts.ts";
import { createScope, type Scope } from "./connections/scope.ts";
import { createTargetPassthrough } from "./connections/target-passthrough.ts";
import type { UpstreamProxy } from "./connections/upstream-proxy.ts";
import { createForwardServer } from "./forward-listener.ts";
import { ClientOutcomes } from "./interception/client-outcomes.ts";
import { type Keylog, openKeylog } from "./interception/keylog.ts";
import { defaultLimits, type Limits } from "./interception/limits.ts";
import { type ProxyContext, peerText } from "./interception/proxy-context.ts";
import { createReverseServer } from "./reverse-listener.ts";
import type { Copies } from "./tap/copies.ts";

export interface ReverseOptions {
  readonly listen: HostPort;
  readonly target: HostPort;
  /** The server's own certificate; when omitted clients get a leaf of the inspection CA. */
  readonly tls?: OwnCertificate | undefined;
}

export interface ProxyOptions {
  readonly forward: readonly HostPort[];
  readonly reverse: readonly ReverseOptions[];
  /** Host patterns whose connections are read; all others pass through unread. */
  readonly scope: readonly string[];
  readonly deny: readonly string[];
  readonly authority: LeafSigner;
  /** PEM certificates to trust besides the system's. */
  readonly upstreamCa: readonly string[];
  /** `host:port` → where to dial instead, as with curl's --connect-to; the TLS name stays. */
  readonly resolve: ReadonlyMap<string, HostPort>;
  readonly insecureUpstream: readonly string[];
  readonly upstreamProxy?: UpstreamProxy | undefined;
  /** A new file of TLS secrets, for Wireshark. */
  readonly keylogFile?: string | undefined;
  /** Addresses and networks whose connections are accepted, besides loopback; everyone's when there are none. */
  readonly allowClients?: readonly string[] | undefined;
  readonly autoPassthrough: boolean;
  /** The only ports at which hosts out of scope may be reached; when omitted, any. */
  readonly ports?: readonly number[] | undefined;
  readonly limits?: Partial<Limits>;
}

export interface ProxyListener {
  readonly kind: "forward" | "reverse";
  readonly address: string;
  readonly port: number;
  readonly target: HostPort | null;
}

/** The listeners of a proxy and what their connections share; what is copied goes to the `Copies` that it was started with. */
export interface Wire {
  readonly listeners: readonly ProxyListener[];
  /** Connections without a request that are counted and not reported yet, for live views. */
  countedProbes(): readonly Probes[];
  /** Accepts no more connections. */
  close(): void;
  /** Lets pending requests finish up to a limit, and ends all connections. */
  drain(): Promise<void>;
  /** Reports what was held and counted. */
  finish(): void;
  /** Writes what the file of TLS secrets lacks. */
  release(): Promise<void>;
}

/** Starts all listeners or none: when one cannot be bound the others are closed. Rejects with ToolError. */
export async function startWire(options: ProxyOptions, copies: Copies): Promise<Wire> {
  const limits = { ...defaultLimits, ...options.limits };
  const deny = createDenyRules(options.deny);
  const refuse = (client: string, reason: string): void => {
    copies.emit({ kind: "refused", at: Date.now(), client, reason });
  };
  const admitsClient = createClientGate(options.allowClients ?? []);
  const strangers = new RefusedClients(refuse);
  const admits = (socket: Socket): boolean => {
    const address = socket.remoteAddress ?? "";
    const isAdmitted = admitsClient(address);
    // A client that has already reset its connection, as health checks do, has no address any more.
    if (!isAdmitted && address !== "") strangers.add(peerText(socket), Date.now());
    return isAdmitted;
  };
  const connections = new OpenConnections(limits.connections, admits, (socket) =>
    refuse(peerText(socket), "there are too many connections at once"),
  );
  await options.authority.prepare();
  const keylog = options.keylogFile === undefined ? null : openKeylog(options.keylogFile);
  const context = createContext(options, { limits, copies, deny, connections, keylog });
  const planned = plannedListeners(options, context);
  const listeners = await listenOnAll(planned, deny);
  return {
    listeners,
    countedProbes: () => context.outcomes.countedProbes(),
    close() {
      for (const { server } of planned) server.close();
    },
    drain: () => connections.drain(limits.stopMs),
    finish() {
      context.outcomes.end();
      strangers.end();
    },
    async release() {
      await keylog?.close();
    },
  };
}

interface Parts {
  readonly limits: Limits;
  readonly copies: Copies;
  readonly deny: DenyRules;
  readonly connections: OpenConnections;
  readonly keylog: Keylog | null;
}

function createContext(options: ProxyOptions, { limits, copies, deny, connections, keylog }: Parts): ProxyContext {
  const scope = createScope(options.scope);
  const emit = (event: CaptureEvent): void => copies.emit(event);
  const autoPassthrough = createAutoPassthrough(options.autoPassthrough);
  const probes = new ProbeCounts(emit);
  const route = {
    mayReach: mayReach(options, scope),
    resolve: options.resolve,
    deny,
    connectMs: limits.connectMs,
    upstreamProxy: options.upstreamProxy ?? null,
  };
  return {
    authority: options.authority,
    scope,
    dial: createDial(route),
    plainRoute: createPlainRoute(route),
    limits,
    copies,
    connections,
    autoPassthrough,
    targetPassthrough: createTargetPassthrough(options.autoPassthrough),
    outcomes: new ClientOutcomes({ emit, passthrough: autoPassthrough, probes }),
    upstreamTrust: createUpstreamTrust(options.upstreamCa),
    knownIssuers: createKnownIssuers(options.upstreamCa),
    insecureUpstream: createScope(options.insecureUpstream),
    keylog: keylog === null ? null : (line) => keylog.line(line),
    emit,
  };
}

function mayReach({ ports, reverse }: ProxyOptions, scope: Scope): (target: HostPort) => boolean {
  const isTarget = ({ host, port }: HostPort): boolean =>
    reverse.some(({ target }) => target.host === host && target.port === port);
  return (target) =>
    ports === undefined || ports.includes(target.port) || scope.covers(target.host, target.port) || isTarget(target);
}

interface Planned {
  readonly kind: "forward" | "reverse";
  readonly listen: HostPort;
  readonly target: HostPort | null;
  readonly server: Server;
}

function plannedListeners(options: ProxyOptions, context: ProxyContext): Planned[] {
  const forward = options.forward.map(
    (listen): Planned => ({ kind: "forward", listen, target: null, server: createForwardServer(context) }),
  );
  const reverse = options.reverse.map(({ listen, target, tls }): Planned => {
    if (tls === undefined && !options.authority.covers(target.host)) throw notCovered(target);
    return { kind: "reverse", listen, target, server: createReverseServer(context, target, tls ?? null) };
  });
  return [...forward, ...reverse];
}

function notCovered(target: HostPort): ToolError {
  return new ToolError("host-outside-ca", `The inspection CA cannot sign for ${hostPortText(target)}.`, {
    hint: "Give the server's own certificate (--pfx, or --cert and --key), or create a CA for this host.",
  });
}

async function listenOnAll(planned: readonly Planned[], deny: DenyRules): Promise<readonly ProxyListener[]> {
  const listeners: ProxyListener[] = [];
  try {
    for (const { kind, listen, target, server } of planned) {
      const { host, port } = await bind(server, listen);
      deny.addOwnListener({ host, port });
      listeners.push({ kind, address: host, port, target });
    }
    return listeners;
  } catch (error) {
    for (const { server } of planned) if (server.listening) server.close();
    throw error;
  }
}
