// A row that says nothing but its place and its time: each reader adds what its log holds.
import type { LogRow } from "../core/log-row.ts";

type Silent = Omit<LogRow, "id" | "file" | "line" | "log" | "side" | "direction" | "endedAt">;

/** All members that no log has to fill. */
export const silentRow: Silent = {
  startedAt: null,
  server: "",
  host: "",
  client: "",
  method: "",
  path: "",
  status: null,
  backEndStatus: null,
  userAgent: "",
  requestId: null,
  clientRequestId: null,
  signIn: "unknown",
  caller: null,
  actsAs: null,
  isPerson: false,
  realm: null,
  printedToken: null,
  operation: null,
  isTokenGiven: null,
  refusal: null,
  failure: "",
  isFormUnproven: false,
};
