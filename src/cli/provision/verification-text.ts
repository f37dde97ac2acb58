import { safe } from "../../core/safe-text.ts";
import type { Verification } from "../../provisioning/engine/verify.ts";

/** A verification as lines: what is wrong first, then the certificate's rotation, then the verdict. */
export function renderVerification(verification: Verification): string {
  const { rows, rotation, verdict, isPartial } = verification;
  const lines = [
    ...rows.map((row) => `${row.verdict.padEnd(10)}  ${row.title}${row.detail === "" ? "" : `: ${row.detail}`}`),
    ...rotation.map((warning) => `certificate  ${warning.message}`),
    `Verified: ${verdict}${isPartial ? " (partial: step 1 is not done, or one half was left out)" : ""}`,
  ];
  return lines.map((line) => `${safe(line)}\n`).join("");
}
