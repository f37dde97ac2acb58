// The inspection CA of a run: the kept one for the hosts that it covers, and one for this run for the others.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import {
  type CertificateAuthority,
  createAuthority,
  type LeafSigner,
  loadAuthority,
  renewAuthority,
} from "../../proxy/certificates/certificate-authority.ts";
import { joinSigners, noSigner } from "../../proxy/certificates/joined-signers.ts";
import { defaultScope } from "../../proxy/connections/scope.ts";
import { authorityFolder, ensureDataFolder } from "../data-folder.ts";

export interface ChosenAuthority {
  readonly authority: LeafSigner;
  readonly notices: readonly string[];
  release(): void;
}

/** What decides which hosts the inspection CA signs for. */
export interface Listeners {
  readonly hasForward: boolean;
  /** Hosts of the targets of reverse listeners. */
  readonly targets: readonly string[];
  /** Whether reverse listeners show a certificate of their own. */
  readonly hasOwnCertificate: boolean;
  /** The host patterns that were named; the scope is the hosts of Microsoft's clouds without any. */
  readonly named: readonly string[];
}

/** The host patterns that an inspection CA signs for in this run; none when every listener shows its own certificate. */
export function hostsToSignFor({ hasForward, targets, hasOwnCertificate, named }: Listeners): readonly string[] {
  if (hasForward) return [...(named.length > 0 ? named : defaultScope), ...targets];
  return hasOwnCertificate ? [] : [...named, ...targets];
}

const dayMs = 86_400_000;
const warnBeforeMs = 7 * dayMs;
/** The default scope has the hosts of every cloud. */
const shownHosts = 6;

/**
 * The kept CA for the hosts that it covers, and one for this run for the rest, whose certificate is written to a file for the
 * clients. Without hosts no CA is read or made.
 */
export async function chooseAuthority(hosts: readonly string[]): Promise<ChosenAuthority> {
  if (hosts.length === 0) return { authority: noSigner, notices: [], release: () => undefined };
  const { kept, notices } = await loadOrRenew();
  const [covered, others] = [hosts.filter((host) => kept?.covers(host)), hosts.filter((host) => !kept?.covers(host))];
  if (kept !== null && others.length === 0) {
    return { authority: kept, notices: [...notices, ...expiryNotices(kept)], release: () => undefined };
  }
  const made = await createAuthority({ hosts: others });
  const path = join(ensureDataFolder("run"), `ca-${process.pid}.pem`);
  // An earlier process with the same id may have left it; a link in its place is not followed.
  rmSync(path, { force: true });
  writeFileSync(path, made.certificatePem, { mode: 0o600, flag: "wx" });
  const release = (): void => rmSync(path, { force: true });
  if (kept === null || covered.length === 0) {
    const why = kept === null ? "There is no inspection CA yet" : "The inspection CA does not cover these hosts";
    const notice = `${why}; one was made for this run; its certificate is in ${path}. To keep one, use ca create.`;
    return { authority: made, notices: [...notices, notice], release };
  }
  const notice =
    `The inspection CA does not cover ${listed(others)}; one was made for this run for these; its certificate is in ${path}. ` +
    `Clients of ${listed(covered)} see the kept CA, as before. To keep one for all, use ca create --force with a --host for each.`;
  return { authority: joinSigners(kept, made), notices: [...notices, ...expiryNotices(kept), notice], release };
}

function listed(hosts: readonly string[]): string {
  const rest = hosts.length - shownHosts;
  return `${hosts.slice(0, shownHosts).join(", ")}${rest > 0 ? ` and ${rest} others` : ""}`;
}

/** Renews an expired CA for the same hosts; the notice says that clients must trust the new one. */
async function loadOrRenew(): Promise<{ kept: CertificateAuthority | null; notices: readonly string[] }> {
  try {
    return { kept: loadAuthority(authorityFolder(), process.env), notices: [] };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== "ca-expired") throw error;
    const kept = await renewAuthority(authorityFolder(), process.env);
    const until = new Date(kept.notAfter).toISOString();
    const renewed = `${error.message} It was renewed for the same hosts until ${until}: ${kept.commonName}.`;
    return {
      kept,
      notices: [`${renewed} Clients must be made to trust the new certificate and forget the old: ca export --help.`],
    };
  }
}

function expiryNotices({ notAfter }: CertificateAuthority): readonly string[] {
  const left = notAfter - Date.now();
  if (left > warnBeforeMs) return [];
  const when = new Date(notAfter).toISOString();
  return [
    `The inspection CA expires in ${Math.ceil(left / dayMs)} days, at ${when}: make a new one in time with ca create --force and let the clients trust it.`,
  ];
}
