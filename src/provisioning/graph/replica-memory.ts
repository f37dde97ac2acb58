// What this run has written, so that a read from a replica that has not caught up is not taken for the truth before a write.

export interface Memory {
  /** Keys (by thumbprint) that this run put on a service principal. */
  remember(appId: string, thumbprints: readonly string[]): void;
  forget(appId: string): void;
  expected(appId: string): readonly string[];
}

export function createMemory(): Memory {
  const written = new Map<string, Set<string>>();
  return {
    remember(appId, thumbprints) {
      const all = written.get(appId) ?? new Set<string>();
      for (const thumbprint of thumbprints) all.add(thumbprint);
      written.set(appId, all);
    },
    forget(appId) {
      written.delete(appId);
    },
    expected: (appId) => [...(written.get(appId) ?? [])],
  };
}
