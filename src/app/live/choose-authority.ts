// The inspection CA of a run: the kept one when it covers the hosts, else one for this run only.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import {
  type CertificateAuthority,
  createAuthority,
  loadAuthority,
  renewAuthority,
} from "../../proxy/certificates/certificate-authority.ts";
import { authorityFolder, ensureDataFolder } from "../data-folder.ts";

export interface ChosenAuthority {
  readonly authority: CertificateAuthority;
  readonly notices: readonly string[];
  release(): void;
}

const dayMs = 86_400_000;
const warnBeforeMs = 7 * dayMs;

/** The kept CA when it covers the scope, else one for this run, whose certificate is written to a file for the clients. */
export async function chooseAuthority(scope: readonly string[]): Promise<ChosenAuthority> {
  const { kept, notices } = await loadOrRenew();
  if (kept !== null && scope.every((pattern) => kept.covers(pattern))) {
    return { authority: kept, notices: [...notices, ...expiryNotices(kept)], release: () => undefined };
  }
  const authority = await createAuthority({ hosts: scope });
  const path = join(ensureDataFolder("run"), `ca-${process.pid}.pem`);
  // An earlier process with the same id may have left it; a link in its place is not followed.
  rmSync(path, { force: true });
  writeFileSync(path, authority.certificatePem, { mode: 0o600, flag: "wx" });
  const why = kept === null ? "There is no inspection CA yet" : "The inspection CA does not cover these hosts";
  const notice = `${why}; one was made for this run; its certificate is in ${path}. To keep one, use ca create.`;
  return { authority, notices: [...notices, notice], release: () => rmSync(path, { force: true }) };
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
