import { readFileSync } from "node:fs";
import { ToolError } from "../core/tool-error.ts";
import { decodeMetadata } from "../decoders/messages/metadata-document.ts";
import { keysOfCertificateFile, keysOfMetadata } from "../verification/signing-keys.ts";
import type { VerificationOptions } from "../verification/verify-signatures.ts";

/** Reads the files of `--metadata` and `--auth-cert`. Throws ToolError `bad-metadata`, `no-key` or `unreadable` that names the file. */
export function readVerificationOptions(options: {
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
}): VerificationOptions {
  return {
    metadata: options.metadata.map((path) => {
      const document = decodeMetadata(readOptionFile(path, "--metadata").toString("utf8"));
      if (document.ok) {
        const { keys, problems } = keysOfMetadata(document.value, "metadata-file");
        if (keys.length === 0) throw withoutKey(path, "--metadata", problems);
        return document.value;
      }
      throw new ToolError(
        "bad-metadata",
        `${JSON.stringify(path)} is not an STS metadata document: ${document.problem}.`,
        {
          hint: "Save the document of https://accounts.accesscontrol.windows.net/<tenant>/metadata/json/1 and name that file.",
        },
      );
    }),
    authCertificates: options.authCert.map((path) => {
      const file = readOptionFile(path, "--auth-cert");
      const { keys, problems } = keysOfCertificateFile(file, "auth-certificate");
      if (keys.length === 0) throw withoutKey(path, "--auth-cert", problems);
      return file;
    }),
  };
}

// A named key that cannot be used must not end as "no key known".
function withoutKey(path: string, option: string, problems: readonly string[]): ToolError {
  const why = problems[0] ?? "it holds none";
  return new ToolError("no-key", `${option} ${JSON.stringify(path)} has no certificate that can be used: ${why}.`, {
    hint:
      option === "--auth-cert"
        ? "Give the certificate alone, PEM or DER: Export-ExchangeCertificate -Thumbprint (Get-AuthConfig).CurrentCertificateThumbprint without -BinaryEncoded, or the .cer file of the procedure."
        : "Save the document again.",
  });
}

/** Reads the file of an option. Throws ToolError `unreadable` that names the option. */
export function readOptionFile(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ToolError("unreadable", `${option} ${JSON.stringify(path)} cannot be read.`, {
      hint: "Check the path and its permissions.",
      cause,
    });
  }
}
