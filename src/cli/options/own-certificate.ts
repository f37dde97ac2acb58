import { readOptionFile } from "../../app/verification-options.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { OwnCertificate } from "../../proxy/certificates/own-certificate.ts";

/** The options of the certificate that reverse listeners present. */
export interface OwnCertificateOptions {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly pfx?: string | undefined;
}

/** The certificate that reverse listeners present: `--pfx`, or `--cert` with `--key`; null without these options. Throws ToolError. */
export function readOwnCertificate(options: OwnCertificateOptions): OwnCertificate | null {
  const passphrase = process.env.REALMSCOPE_PFX_PASSPHRASE;
  if (options.pfx !== undefined) {
    const pfx = readOptionFile(options.pfx, "--pfx");
    return passphrase === undefined ? { pfx } : { pfx, passphrase };
  }
  if (options.cert === undefined && options.key === undefined) return null;
  if (options.cert === undefined || options.key === undefined) {
    throw new ToolError("usage", "--cert and --key belong together.", { hint: "Give both, or --pfx." });
  }
  return {
    cert: readOptionFile(options.cert, "--cert").toString("utf8"),
    key: readOptionFile(options.key, "--key").toString("utf8"),
  };
}
