import { ToolError } from "../../core/tool-error.ts";
import { type OwnCertificate, openCertificate } from "../../proxy/certificates/own-certificate.ts";
import { type Check, failed, ok, warning } from "./check.ts";
import { judgeServed, type Served } from "./judge-served.ts";

/**
 * Checks the certificate of reverse listeners as their clients will: name, dates, chain, key and use. Throws ToolError
 * `certificate-unusable` when it cannot be used for a reason that is not among these, such as another key.
 */
export function checkOwnCertificate(own: OwnCertificate, served: Served): readonly Check[] {
  const problems = judgeServed(served);
  try {
    openCertificate(own);
  } catch (error) {
    const isNamed = error instanceof ToolError && error.code === "certificate-weak" && problems.length > 0;
    if (!isNamed) throw error;
  }
  const checks = problems.map(({ status, message, remedy }): Check => {
    if (status === "ok") return ok("certificate", message);
    return status === "failed" ? failed("certificate", message, remedy) : warning("certificate", message, remedy);
  });
  if (problems.some(({ status }) => status !== "ok")) return checks;
  const { subjectAltName = "", validTo } = served.chain.leaf;
  const until = new Date(Date.parse(validTo)).toISOString().slice(0, 10);
  const names = subjectAltName.replaceAll(/(?:DNS|IP Address):/g, "");
  return [ok("certificate", `the reverse listener shows a certificate for ${names}, valid until ${until}`), ...checks];
}
