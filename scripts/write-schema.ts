// Writes the JSON Schema of expectation files and the list of facts in docs/expectations.md: npm run schema.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { withFactTable } from "../src/expectations/fact-table.ts";
import { expectationsSchema } from "../src/expectations/file-schema.ts";

mkdirSync("schema", { recursive: true });
writeFileSync("schema/expectations-1.schema.json", `${JSON.stringify(expectationsSchema(), null, 2)}\n`);
writeFileSync("docs/expectations.md", withFactTable(readFileSync("docs/expectations.md", "utf8")));
