import { onTestFinished } from "vitest";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { type CertificateAuthority, createAuthority } from "../../src/proxy/certificates/certificate-authority.ts";
import { type Proxy as RunningProxy, startProxy } from "../../src/proxy/start-proxy.ts";
import type { ProxyListener, ProxyOptions } from "../../src/proxy/start-wire.ts";

export interface TestProxy {
  readonly proxy: RunningProxy;
  readonly authority: CertificateAuthority;
  readonly forward: ProxyListener;
  readonly reverse: ProxyListener;
  readonly seen: readonly CaptureEvent[];
  /** Resolves with the first event, past or future, that the test accepts. */
  event(accepts: (event: CaptureEvent) => boolean): Promise<CaptureEvent>;
  /** Stops the proxy; resolves once its last event was seen. */
  stopped(): Promise<void>;
  /** Resolves once so many transactions were seen. */
  transactions(count: number): Promise<readonly HttpTransaction[]>;
}

const authorities = new Map<string, Promise<CertificateAuthority>>();

/** A CA for the hosts, made once for all tests of a file: making keys is what takes the time. */
function sharedAuthority(hosts: readonly string[]): Promise<CertificateAuthority> {
  const key = hosts.join(" ");
  const made = authorities.get(key) ?? createAuthority({ hosts });
  authorities.set(key, made);
  return made;
}

const loopback = { host: "127.0.0.1", port: 0 };

/** A proxy on loopback with a forward and, when a target is given, a reverse listener; it stops with the test. */
export async function startTestProxy(
  options: Partial<Omit<ProxyOptions, "authority">> & {
    readonly authority?: CertificateAuthority;
    readonly target?: { host: string; port: number };
  } = {},
): Promise<TestProxy> {
  const { target, ...given } = options;
  const scope = given.scope ?? ["origin.test"];
  const authority = given.authority ?? (await sharedAuthority(scope));
  const proxy = await startProxy({
    forward: [loopback],
    reverse: target === undefined ? [] : [{ listen: loopback, target }],
    scope,
    deny: [],
    authority,
    upstreamCa: [],
    resolve: new Map(),
    insecureUpstream: [],
    autoPassthrough: false,
    ...given,
  });
  const seen: CaptureEvent[] = [];
  const watchers = new Set<() => void>();
  const consumed = (async () => {
    for await (const event of proxy.events) {
      seen.push(event);
      for (const watcher of watchers) watcher();
    }
  })();
  onTestFinished(async () => {
    await proxy.stop();
    await consumed;
  });
  const until = <Found>(look: () => Found | undefined): Promise<Found> =>
    new Promise((resolve) => {
      const watcher = (): void => {
        const found = look();
        if (found === undefined) return;
        watchers.delete(watcher);
        resolve(found);
      };
      watchers.add(watcher);
      watcher();
    });
  const [first, last] = [proxy.listeners[0], proxy.listeners.at(-1)];
  if (first === undefined || last === undefined) throw new Error("the proxy has no listener");
  return {
    proxy,
    authority,
    forward: first,
    reverse: last,
    seen,
    async stopped() {
      await proxy.stop();
      await consumed;
    },
    event: (accepts) => until(() => seen.find(accepts)),
    transactions: (count) =>
      until(() => {
        const found = seen.flatMap((event) => (event.kind === "transaction" ? [event.transaction] : []));
        return found.length >= count ? found : undefined;
      }),
  };
}
