// Writes log folders, and the support package, as captures/logs has them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { applications } from "../../../src/lab/names.ts";
import { appOnly, byLog, type ExpectedAnswer, type LogFolder, probe } from "./folder-parts.ts";
import { ewsFile, httpProxyFile } from "./log-rows.ts";

/** A ZIP that support asks for: each log below a folder of another name. */
export const supportPackage: { readonly name: string; readonly expected: ExpectedAnswer } = {
  name: "support-package.zip",
  expected: {
    exitCode: 0,
    verdict: "oauth-confirmed",
    handshakes: [byLog(applications.teamsScheduler, "oauth-confirmed", "AuthenticatedUser")],
    findings: ["LOG_EVIDENCE_ONLY"],
    rows: { kept: 3, dropped: 0 },
  },
};

/** The bytes of the package, the same each time. */
export function supportPackageBytes(): Uint8Array {
  const [, front] = httpProxyFile("2019", [probe, appOnly]);
  const [, back] = ewsFile("2019", [
    { AuthenticationType: "Bearer", AuthenticatedUser: appOnly.AuthenticatedUser ?? "", SoapAction: "GetFolder" },
  ]);
  const members = {
    "EX01/EWS_Proxy_Logs/HttpProxy_2026113008-1.LOG": strToU8(front),
    "EX02/EWS_Logs/Ews_2026113008-1.LOG": strToU8(back),
  };
  return zipSync(members, { mtime: new Date(2026, 10, 30, 8, 15) });
}

/** Writes the files of one folder below `root`. */
export function writeLogFolder({ name, files }: LogFolder, root: string): void {
  for (const [path, text] of files) {
    const target = join(root, name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
