// The bundle carries the public certificates from the Exchange half to the cloud half, when the two are set up in different places.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { ToolError } from "../../core/tool-error.ts";
import { isSameText, textProperty } from "../../provisioning/exchange/read-objects.ts";
import { type CertificateFacts, readCertificate } from "../../provisioning/model/certificate.ts";
import { factsOf, type Observations } from "../../provisioning/model/step.ts";
import { readScriptResult } from "../../provisioning/scripts/script-result.ts";
import { authCertificateStepId, certificatesOf } from "../../provisioning/steps/auth-certificate.ts";
import { entraServerStepId } from "../../provisioning/steps/auth-server.ts";

const schema = "realmscope.bundle/1";

/** Writes the observed certificates; false when there are none. Throws ToolError `unwritable`. */
export function writeBundle(path: string, seen: Observations): boolean {
  const certificates = certificatesOf(seen.get(authCertificateStepId)).map(({ thumbprint, der }) => ({
    thumbprint,
    der,
  }));
  if (certificates.length === 0) return false;
  try {
    // The cloud half must be set up in the tenant that this Exchange trusts.
    const tenant = textProperty(factsOf(seen.get(entraServerStepId)) ?? undefined, "Realm") || undefined;
    writeFileSync(path, `${JSON.stringify({ schema, tenant, certificates }, null, 2)}\n`, { mode: 0o600 });
  } catch (cause) {
    rmSync(path, { force: true });
    throw new ToolError("unwritable", `The bundle ${JSON.stringify(path)} cannot be written.`, {
      hint: "Make room there; `realmscope provision script` carries the certificates as well.",
      cause,
    });
  }
  return true;
}

/** The certificates of a bundle, current first. Throws ToolError `bad-bundle`, also when its Exchange trusts another tenant. */
export function readBundle(path: string, tenant = ""): readonly CertificateFacts[] {
  const parsed = parse(path);
  if (typeof parsed.tenant === "string" && tenant !== "" && !isSameText(parsed.tenant, tenant))
    throw refused(
      path,
      `comes from an Exchange that trusts tenant ${parsed.tenant}, and this run is for tenant ${tenant}`,
    );
  // The result file of the Exchange script is a bundle, too.
  if (parsed.format === "realmscope-script-result") return fromScriptResult(path);
  const list: unknown = parsed.schema === schema ? parsed.certificates : undefined;
  if (!Array.isArray(list) || list.length === 0) throw refused(path, "is not a bundle of this program");
  return list.map((entry: unknown) => {
    const der = typeof entry === "object" && entry !== null && "der" in entry ? String(entry.der) : "";
    return readCertificate(Buffer.from(der, "base64"), JSON.stringify(path));
  });
}

function fromScriptResult(path: string): readonly CertificateFacts[] {
  const { certificates } = readScriptResult(readFileSync(path, "utf8"));
  if (certificates.length === 0) throw refused(path, "holds no certificate");
  return certificates.map(({ der }) => readCertificate(Buffer.from(der, "base64"), JSON.stringify(path)));
}

function parse(path: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8").replace(/^\ufeff/, ""));
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch (cause) {
    throw refused(path, "cannot be read as JSON", cause);
  }
}

function refused(path: string, what: string, cause?: unknown): ToolError {
  return new ToolError("bad-bundle", `The bundle ${JSON.stringify(path)} ${what}.`, {
    hint: "Name the file that the run on the Exchange side wrote.",
    cause,
  });
}
