// `--bell`: rings when a kind of bad verdict first occurs, not each time.
import type { HandshakeReport } from "../../diagnosis/analysis.ts";

/** The verdicts that ring: a password was sent instead of a token, a token was refused. */
type Alarm = "basic-fallback" | "oauth-rejected";

/** Alarms within this time ring once. */
const quietMs = 10_000;

export interface Bell {
  /** Rings at the first handshake of each of these verdicts, at most once in ten seconds. */
  hear(handshakes: readonly Pick<HandshakeReport, "verdict">[], now: number): void;
}

/** Starts a bell; `ring` is called for each sound. */
export function startBell(ring: () => void): Bell {
  const known = new Set<Alarm>();
  let rungAt = Number.NEGATIVE_INFINITY;
  return {
    hear(handshakes, now) {
      const fresh = (["basic-fallback", "oauth-rejected"] as const).filter(
        (alarm) => !known.has(alarm) && handshakes.some(({ verdict }) => verdict === alarm),
      );
      for (const alarm of fresh) known.add(alarm);
      if (fresh.length === 0 || now - rungAt < quietMs) return;
      rungAt = now;
      ring();
    },
  };
}
