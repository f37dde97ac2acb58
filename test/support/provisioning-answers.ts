import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { labControllers, labDomain } from "../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../src/lab/names.ts";
import type { ProvisioningLab } from "./provisioning-lab.ts";

/** Where a lab is, as `provision` is told: domain, controller, tenant, directory and the two addresses of the cloud. */
export function labPlace(lab: ProvisioningLab): readonly string[] {
  return [
    ...["--domain", labDomain, "--dc", labControllers[0], "--tenant", tenant, "--lab", lab.directory],
    ...["--graph-url", lab.cloud.graphUrl, "--login-url", lab.cloud.loginUrl],
  ];
}

/** Every answer of `provision` for a lab. */
export function labAnswers(lab: ProvisioningLab): readonly string[] {
  return ["--profile", "skype-online", ...labPlace(lab)];
}

/** A data folder for one test. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), "realmscope-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}
