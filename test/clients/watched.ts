// The built program between the clients and the origins, in every mode in which a client can meet it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWatch, type WatchProcess } from "../support/watch-process.ts";
import { type Origins, originName } from "./origins.ts";

/** PEM files that a client is given to trust. */
export interface TrustFiles {
  readonly folder: string;
  /** The CA of the origins' certificate. */
  readonly origin: string;
}

export function writeTrust(origins: Origins): TrustFiles {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-clients-"));
  const origin = join(folder, "origin.pem");
  writeFileSync(origin, origins.certificate.rootPem);
  writeFileSync(join(folder, "own.pem"), origins.certificate.cert);
  writeFileSync(join(folder, "own.key"), origins.certificate.key, { mode: 0o600 });
  return { folder, origin };
}

export function removeTrust({ folder }: TrustFiles): void {
  rmSync(folder, { recursive: true, force: true });
}

export interface Watched {
  readonly watch: WatchProcess;
  /** PEM file of its inspection CA alone, and of this and the origins' CA. */
  readonly trust: string;
  readonly trustBoth: string;
}

export interface WatchedOptions {
  /** Ports of origins in scope. */
  readonly inScope: readonly number[];
  /** Ports that have a reverse listener, in the order of `watch.reverses`. */
  readonly reverses?: readonly number[];
  /** The reverse listeners show the origin's own certificate. */
  readonly hasOwnCertificate?: boolean;
  readonly args?: readonly string[];
}

let started = 0;

/** Starts `watch` before the origins; the caller stops it. */
export async function startWatched(origins: Origins, files: TrustFiles, options: WatchedOptions): Promise<Watched> {
  const ports = Object.values(origins.ports).flat();
  const { reverses = [], hasOwnCertificate = false } = options;
  const watch = await startWatch({
    args: [
      ...options.inScope.flatMap((port) => ["--host", `${originName}:${port}`]),
      ...ports.flatMap((port) => ["--allow-port", String(port)]),
      ...ports.flatMap((port) => ["--connect-to", `${originName}:${port}=127.0.0.1:${port}`]),
      ...(hasOwnCertificate ? ["--cert", join(files.folder, "own.pem"), "--key", join(files.folder, "own.key")] : []),
      ...(options.args ?? []),
    ],
    reverses: reverses.map((port) => `https://${originName}:${port}`),
    upstreamCa: origins.certificate.rootPem,
  });
  started += 1;
  const trust = join(files.folder, `inspection-${started}.pem`);
  writeFileSync(trust, watch.trust);
  const trustBoth = join(files.folder, `both-${started}.pem`);
  writeFileSync(trustBoth, `${watch.trust}\n${origins.certificate.rootPem}`);
  return { watch, trust, trustBoth };
}
