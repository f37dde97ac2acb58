// npm run fuzz:proxy [-- --conversations N --seed N --from N --workers N]: random conversations through `watch`, broken off
// at any moment by either side. Exits with 1 when `watch` crashed, did not answer, leaked memory or sockets, or changed a byte.
import { parseArgs } from "node:util";
import { fuzzProxy } from "../test/support/fuzz/run.ts";

const number = { type: "string" } as const;
const { values } = parseArgs({ options: { conversations: number, seed: number, from: number, workers: number } });
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
process.stdout.write(`seed ${seed}\n`);
const result = await fuzzProxy({
  seed,
  conversations: Number(values.conversations ?? 100_000),
  workers: Number(values.workers ?? 16),
  from: Number(values.from ?? 0),
  onProgress: (line) => process.stdout.write(`${line}\n`),
});
const { rounds, problems, ...counts } = result;
const [first, last] = [rounds[1], rounds.at(-1)];
process.stdout.write(`${JSON.stringify({ ...counts, problems: problems.length, first, last })}\n`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
// Without this, Node can wait forever for TLS sockets over TLS sockets whose peer is gone (seen with Node 20).
process.exit(problems.length > 0 ? 1 : 0);
