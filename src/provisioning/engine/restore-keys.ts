// Restores keys of others that were lost to a simultaneous write, from the public bytes read before. Graph assigns new key
// ids; bytes, dates and names stay the same.

import { readCertificate } from "../model/certificate.ts";
import type { KeyToAdd } from "../model/change.ts";
import type { KeyCredential } from "../model/graph.ts";
import { graphOf } from "../model/step.ts";
import type { Run } from "./run.ts";
import type { LostKey, StampedEntry } from "./run-journal.ts";

/** A lost key for the journal, with what is needed to restore it if Graph gave its bytes. */
export function toLostKey(key: KeyCredential): LostKey {
  return { keyId: key.keyId, restorable: key.key === null || key.usage !== "Verify" ? null : toAdd(key, key.key) };
}

function toAdd(key: KeyCredential, der: string): KeyToAdd {
  const certificate = readCertificate(Buffer.from(der, "base64"), `the key ${key.keyId}`);
  return {
    thumbprint: certificate.thumbprint,
    der,
    displayName: key.displayName ?? "",
    notBefore: key.startDateTime ?? certificate.notBefore,
    notAfter: key.endDateTime ?? certificate.notAfter,
  };
}

/** Restores the keys that the run's journal lists as lost and not yet restored. Throws Stop. */
export async function restoreKeys(run: Run): Promise<void> {
  const entries = run.journal.entries();
  for (const lost of stillLost(entries)) {
    const keys = lost.keys.flatMap(({ restorable }) => (restorable === null ? [] : [restorable]));
    if (keys.length > 0) {
      await graphOf(run.ports).write({
        via: "graph",
        operation: "add-keys",
        appId: lost.appId,
        keys,
        arrayDigest: null,
      });
    }
    run.journal.write({ kind: "restored-keys", appId: lost.appId, keyIds: lost.keys.map(({ keyId }) => keyId) });
    run.onEvent({ event: "keys-restored", appId: lost.appId, count: keys.length });
  }
}

function stillLost(entries: readonly StampedEntry[]): readonly Extract<StampedEntry, { kind: "lost-keys" }>[] {
  const restored = new Set(
    entries.flatMap((entry) =>
      entry.kind === "restored-keys" ? entry.keyIds.map((id) => `${entry.appId} ${id}`) : [],
    ),
  );
  return entries
    .filter((entry) => entry.kind === "lost-keys")
    .filter((entry) => entry.keys.some(({ keyId }) => !restored.has(`${entry.appId} ${keyId}`)));
}
