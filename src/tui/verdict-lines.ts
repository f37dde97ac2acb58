import type { Analysis, HandshakeReport, Verdict } from "../diagnosis/analysis.ts";
import { verdictWords } from "./plain-text.ts";
import { safe } from "./safe-text.ts";
import type { Meaning, ScreenLine } from "./screen-line.ts";

const marks: Readonly<Record<Verdict, readonly [mark: string, meaning: Meaning]>> = {
  "basic-fallback": ["[!!]", "bad"],
  "oauth-rejected": ["[XX]", "bad"],
  "other-auth": ["[??]", "warning"],
  inconclusive: ["[..]", "plain"],
  "oauth-confirmed": ["[OK]", "good"],
};
const order: readonly Verdict[] = ["basic-fallback", "oauth-rejected", "other-auth", "inconclusive", "oauth-confirmed"];

/** The first lines of the screen: each verdict that was reached has its own, the worst first, so that none hides another. */
export function verdictLines(analysis: Analysis | null): readonly ScreenLine[] {
  if (analysis === null || analysis.handshakes.length === 0) {
    const seen = analysis === null ? 0 : analysis.counts.transactions;
    const what = seen === 0 ? "no traffic yet" : `${seen} requests, none of a service's sign-in yet`;
    return [
      [
        ["[..] WAITING", "strong"],
        [`  ${what}`, "plain"],
      ],
    ];
  }
  return order.flatMap((verdict) => {
    const reached = analysis.handshakes.filter((handshake) => handshake.verdict === verdict);
    return reached.length === 0 ? [] : [verdictLine(verdict, reached)];
  });
}

function verdictLine(verdict: Verdict, reached: readonly HandshakeReport[]): ScreenLine {
  const [mark, meaning] = marks[verdict];
  const callers = [...new Set(reached.map(({ principal }) => principal?.name ?? principal?.id ?? "unknown caller"))];
  const servers = [...new Set(reached.map(({ server }) => server))];
  const realms = [...new Set(reached.map(({ realm }) => realm).filter((realm) => realm !== ""))];
  const times = reached.length > 1 ? ` x${reached.length}` : "";
  const evidence = reached.at(-1)?.transactions.at(-1) ?? "";
  const realm = realms.length === 0 ? "" : `  realm ${realms.map(shortened).join(", ")}`;
  return [
    [`${mark} ${verdict === "inconclusive" ? "IN PROGRESS" : verdictWords[verdict]}${times}`, meaning],
    [safe(`${realm}  ${callers.join(", ")} -> ${servers.join(", ")}  ${evidence}`), "plain"],
  ];
}

/** A tenant id by its ends; the panes have the whole. */
function shortened(realm: string): string {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(realm)
    ? `${realm.slice(0, 9)}…-${realm.slice(-4)}`
    : realm;
}
