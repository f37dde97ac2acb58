import { readFileSync } from "node:fs";
import { ToolError } from "../core/tool-error.ts";
import { decodeMetadata } from "../decoders/metadata-document.ts";
import type { VerificationOptions } from "../verification/verify-signatures.ts";

/** Reads `--metadata` and `--auth-cert` files. Throws ToolError naming the file. */
export function readVerificationOptions(options: {
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
}): VerificationOptions {
  return {
    metadata: options.metadata.map((path) => {
      const document = decodeMetadata(readNamed(path, "--metadata").toString("utf8"));
      if (document.ok) return document.value;
      throw new ToolError(
        "bad-metadata",
        `${JSON.stringify(path)} is not an STS metadata document: ${document.problem}.`,
        {
          hint: "Save the document of https://accounts.accesscontrol.windows.net/<tenant>/metadata/json/1 and name that file.",
        },
      );
    }),
    authCertificates: options.authCert.map((path) => readNamed(path, "--auth-cert")),
  };
}

/** Reads a file that an option named. Throws ToolError with the option's name. */
export function readNamed(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ToolError("unreadable", `${option} ${JSON.stringify(path)} cannot be read.`, {
      hint: "Check the path and its permissions.",
      cause,
    });
  }
}
