// Which inspection CA a run uses: the kept one when it covers the hosts, else one that lives as long as the run.
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

/** The CA of the data folder when it covers the scope, otherwise one for this run, whose certificate is put where clients can take it. */
export async function chooseAuthority(scope: readonly string[]): Promise<ChosenAuthority> {
  const { kept, notices } = await loadOrRenew();
  if (kept !== null && scope.every((pattern) => kept.covers(pattern))) {
    return { authority: kept, notices: [...notices, ...endNotices(kept)], release: () => undefined };
  }
  const authority = await createAuthority({ hosts: scope });
  const path = join(ensureDataFolder("run"), `ca-${process.pid}.pem`);
  // Left by a process of the same number; a link in its place is not followed.
  rmSync(path, { force: true });
  writeFileSync(path, authority.certificatePem, { mode: 0o600, flag: "wx" });
  const why = kept === null ? "There is no inspection CA yet" : "The inspection CA does not cover these hosts";
  const notice = `${why}; one was made for this run, its certificate is ${path}. See ca create to keep one.`;
  return { authority, notices: [...notices, notice], release: () => rmSync(path, { force: true }) };
}

/** A CA that has ended is made anew for the same hosts; its clients must be told. */
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

function endNotices({ notAfter }: CertificateAuthority): readonly string[] {
  const left = notAfter - Date.now();
  if (left > warnBeforeMs) return [];
  const when = new Date(notAfter).toISOString();
  return [
    `The inspection CA ends in ${Math.ceil(left / dayMs)} days, at ${when}: make a new one in time with ca create --force and have the clients trust it.`,
  ];
}
