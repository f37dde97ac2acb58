import type { KeySource } from "../../core/capture-event.ts";

/** The owner of the key that a signature was checked with, as `a key that accounts.accesscontrol.windows.net gave`. */
export function keyOwner(source: KeySource | null, host: string): string {
  switch (source) {
    case "sts-metadata":
      return host === "" ? "a key that a token service gave" : `a key that ${host} gave`;
    case "metadata-file":
      return "a key of the file given with --metadata";
    case "auth-certificate":
      return "the certificate given with --auth-cert";
    case null:
      return "a key of an unknown source";
  }
}
