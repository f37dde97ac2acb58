// npm run soak [-- REQUESTS [CONNECTIONS]]: clients that connect and leave `watch --reverse` in front of the lab. Exits
// with 1 when an answered request is not in the journal, or when memory grew between a third of the way and the end.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { soak } from "../test/support/proxy-soak.ts";

const [requests = 20_000, connections = 200] = process.argv.slice(2).map(Number);
const growthLimitMb = 30;
const folder = mkdtempSync(join(tmpdir(), "realmscope-soak-"));
try {
  const result = await soak({
    folder,
    requests,
    connections,
    onProgress: (answered, mb) => process.stdout.write(`${answered} answered, ${mb.toFixed(0)} MB resident\n`),
  });
  const { residentMb, stderr, ...counts } = result;
  const growth = (residentMb.at(-1) ?? 0) - (residentMb[3] ?? 0);
  process.stdout.write(`${JSON.stringify({ ...counts, growthMb: Math.round(growth) }, null, 2)}\n${stderr}`);
  const isWhole = result.missing === 0 && result.doubled === 0 && result.gaps === 0;
  if (!isWhole || growth > growthLimitMb) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
