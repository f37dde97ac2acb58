import { X509Certificate } from "node:crypto";
import { writeWhole } from "../../app/checking/write-whole.ts";
import { authorityFolder, ensureDataFolder } from "../../app/data-folder.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import {
  type CertificateAuthority,
  createAuthority,
  loadAuthority,
  removeAuthority,
  saveAuthority,
} from "../../proxy/certificates/certificate-authority.ts";
import { trustInstructions } from "../options/trust-instructions.ts";

/** Creates the inspection CA in the data folder. Gives the exit code; throws ToolError `ca-exists` when there is one. */
export async function createCa(options: {
  readonly host: readonly string[];
  readonly days: string;
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}): Promise<number> {
  const days = Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > 90) {
    throw new ToolError("usage", `--days ${JSON.stringify(options.days.slice(0, 20))} is not between 1 and 90.`, {
      hint: "An inspection CA is meant to be short-lived; 30 days is the default.",
    });
  }
  if (options.host.length === 0) {
    throw new ToolError("usage", "ca create needs at least one --host.", {
      hint: "The CA can issue certificates for these hosts only, for example --host mail.contoso.com.",
    });
  }
  ensureDataFolder();
  if (options.force !== true && loadAuthority(authorityFolder(), process.env) !== null) {
    throw new ToolError("ca-exists", "An inspection CA already exists.", {
      hint: "See it with ca show; replace it with ca create --force, and remove the old certificate from the clients.",
    });
  }
  const authority = await createAuthority({ hosts: options.host, days });
  if (options.force === true) removeAuthority(authorityFolder());
  saveAuthority(authority, authorityFolder(), process.env);
  return printAuthority(authority, options.json === true);
}

/** Prints the CA. Gives the exit code; throws ToolError `no-ca` when there is none. */
export function showCa(options: { readonly json?: true | undefined }): number {
  return printAuthority(loadKeptAuthority(), options.json === true);
}

interface ExportCaOptions {
  readonly output: string;
  readonly der?: true | undefined;
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

/** Writes the CA's certificate, never its key. Gives the exit code; throws ToolError. */
export async function exportCa(options: ExportCaOptions): Promise<number> {
  const { output } = options;
  if (output === "-" && options.json === true) {
    throw new ToolError("usage", "-o - writes the certificate to standard output, where --json writes, too.", {
      hint: "Name a file for -o, or leave --json out.",
    });
  }
  const authority = loadKeptAuthority();
  const bytes =
    options.der === true
      ? Buffer.from(authority.certificatePem.replace(/-----[A-Z ]+-----|\s/g, ""), "base64")
      : authority.certificatePem;
  if (output === "-") process.stdout.write(bytes);
  else await writeCertificate(output, bytes, options.force === true);
  if (options.json === true) {
    const format = options.der === true ? "der" : "pem";
    process.stdout.write(`${safeJson({ output, format, ...factsOf(authority) })}\n`);
  }
  return exitCode.trustShown;
}

async function writeCertificate(path: string, bytes: string | Buffer, mayReplace: boolean): Promise<void> {
  try {
    await writeWhole(path, bytes, { mode: mayReplace ? "replace" : "new" });
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code !== "exists") throw cause;
    throw new ToolError("exists", `${JSON.stringify(path)} exists.`, {
      hint: "Name another file for -o, or write over it with --force; nothing was written.",
      cause,
    });
  }
}

/** Deletes the CA with its key, and prints how to remove its certificate from the clients. Gives the exit code; throws ToolError `no-ca`. */
export function removeCa(options: { readonly json?: true | undefined }): number {
  const removed = removeAuthority(authorityFolder());
  if (!removed) {
    throw new ToolError("no-ca", "There is no inspection CA to remove.", {
      hint: "Make one with ca create --host mail.contoso.com.",
    });
  }
  if (options.json === true) {
    process.stdout.write(`${safeJson({ removed: true, folder: authorityFolder() })}\n`);
    return exitCode.trustShown;
  }
  process.stdout.write(
    `The inspection CA and its key are deleted. Clients that trusted it keep its certificate until you remove it there, too:\n${trustInstructions}`,
  );
  return exitCode.trustShown;
}

function loadKeptAuthority(): CertificateAuthority {
  const authority = loadAuthority(authorityFolder(), process.env);
  if (authority !== null) return authority;
  throw new ToolError("no-ca", "There is no inspection CA in the data folder.", {
    hint: "Make one with ca create --host mail.contoso.com, or let watch make one for its run.",
  });
}

function factsOf(authority: CertificateAuthority) {
  const certificate = new X509Certificate(authority.certificatePem);
  return {
    name: authority.commonName,
    hosts: authority.hosts,
    notBefore: new Date(authority.notBefore).toISOString(),
    notAfter: new Date(authority.notAfter).toISOString(),
    sha256: authority.fingerprint,
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    serialNumber: certificate.serialNumber,
    folder: authorityFolder(),
  };
}

function printAuthority(authority: CertificateAuthority, isJson: boolean): number {
  const facts = factsOf(authority);
  if (isJson) process.stdout.write(`${safeJson(facts)}\n`);
  else {
    const { hosts, ...texts } = facts;
    process.stdout.write(`hosts         ${hosts.join(", ")}\n`);
    for (const [name, text] of Object.entries(texts)) process.stdout.write(`${name.padEnd(13)} ${safe(text)}\n`);
  }
  return exitCode.trustShown;
}
