// npm run clients: writes docs/clients.md from a run of every client that this machine has.
import { writeFileSync } from "node:fs";
import { allClients } from "../test/clients/all-clients.ts";
import { runMatrix } from "../test/clients/matrix.ts";
import { startOrigins } from "../test/clients/origins.ts";
import { renderPage, tableRow } from "../test/clients/page.ts";

const clients = await allClients();
const origins = await startOrigins();
try {
  const rows = await runMatrix(origins, clients, (row) => process.stdout.write(`${tableRow(row)}\n`));
  const missing = clients.filter(({ version }) => version === null);
  writeFileSync("docs/clients.md", renderPage(rows, missing, new Date().toISOString().slice(0, 10)));
} finally {
  await origins.stop();
}
