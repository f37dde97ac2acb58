// Plays a story of a started lab through the real proxy over TLS on loopback, and judges and shows the traffic.
import { setTimeout as wait } from "node:timers/promises";
import { readConfiguration } from "../../app/configuration.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import { runLive } from "../../app/live/run-live.ts";
import type { LogOptions } from "../../lab/logs/exchange-logs.ts";
import { defaultScenario } from "../../lab/scenarios.ts";
import type { Lab } from "../../lab/start-lab.ts";
import { createAuthority } from "../../proxy/certificates/certificate-authority.ts";
import { type Proxy as CaptureProxy, startProxy } from "../../proxy/start-proxy.ts";
import type { LiveOptions } from "../options/live-options.ts";
import { readSave } from "../options/save-options.ts";
import { wantsScreen } from "../views/choose-view.ts";
import { chooseLiveView } from "../views/live-view.ts";

export interface PlayOptions extends LiveOptions {
  readonly scenario?: string | undefined;
  readonly provision?: true | undefined;
  /** The folder that the lab's servers write their logs into. */
  readonly saveLogs?: string | undefined;
}

/** The logs that the options order. */
export function labLogs({ saveLogs }: PlayOptions): { readonly logs?: LogOptions } {
  return saveLogs === undefined ? {} : { logs: { folder: saveLogs } };
}

/** Milliseconds between two requests, so that a person can follow; without a screen there is no pause. */
const paceMs = 220;

/** Plays the story of a started lab. Gives the exit code of the capture. */
export async function playLab(lab: Lab, options: PlayOptions): Promise<number> {
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const save = readSave(options);
  const names = lab.servers.map((server) => server.name);
  const authority = await createAuthority({ hosts: names });
  await authority.prepare();
  const loopback = { host: "127.0.0.1", port: 0 };
  const proxy = await startProxy({
    forward: [loopback],
    reverse: [{ listen: loopback, target: { host: lab.exchange.name, port: 443 } }],
    scope: names,
    deny: [],
    authority,
    upstreamCa: [lab.certificatePem],
    resolve: lab.resolve,
    insecureUpstream: [],
    autoPassthrough: false,
  });
  const title = `demo ${options.scenario ?? defaultScenario}${options.provision === true ? ", provisioned" : ""}`;
  const isWatched = wantsScreen(options);
  return await runLive({
    proxy,
    ...knownApplications(configuration),
    verification: {},
    realm: options.realm ?? configuration.realm,
    failOn: options.failOn ?? configuration.failOn ?? "error",
    save,
    ...chooseLiveView(options, { title, mode: "demo", configuration, isWatched }),
    notices: [],
    during: async (ended) => {
      const [forward, reverse] = [listenerOf(proxy, "forward"), listenerOf(proxy, "reverse")];
      await lab.drive({
        exchangeReverse: reverse,
        forwardProxy: forward,
        proxyCertificatePem: authority.certificatePem,
        ...(isWatched ? { pause: () => pauseForPerson(ended) } : {}),
      });
    },
  });
}

function listenerOf(proxy: CaptureProxy, kind: "forward" | "reverse"): { host: string; port: number } {
  const listener = proxy.listeners.find((candidate) => candidate.kind === kind);
  if (listener === undefined) throw new Error(`the proxy has no ${kind} listener`);
  return { host: listener.address, port: listener.port };
}

/** Pauses between two requests; ends at once when the person has left. */
function pauseForPerson(ended: AbortSignal): Promise<void> {
  // The only rejection is that of the signal: the pause is over.
  return wait(paceMs, undefined, { signal: ended }).catch(() => undefined);
}
