// A refusal by another server, told inside an answer: Outlook on the web and availability answers of Exchange Online carry the
// diagnostics of the Exchange Server that refused the cloud's token ("Free/Busy troubleshooting", published).
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { bodyText } from "../body-text.ts";
import type { Diagnostics, Operation, ServiceEndpoint } from "../facts.ts";
import { decodeDiagnostics } from "./diagnostics.ts";

const maxAnswer = 256 * 1024;
const told = /\bdiagnostics: ?[0-9]{5,10};reason=/i;

/** The first such refusal in an answer that can carry one; null in any other. */
export function reportedRefusal(
  { response }: HttpTransaction,
  endpoint: ServiceEndpoint,
  operation: Operation | null,
): Diagnostics | null {
  const mayTell =
    endpoint === "owa" || (endpoint === "ews" && operation?.name.startsWith("GetUserAvailability") === true);
  if (response === null || !mayTell) return null;
  const text = bodyText(response.body, maxAnswer);
  const at = text.search(told);
  if (at === -1) return null;
  const read = decodeDiagnostics(text.slice(at, at + 2048));
  return read.ok && read.value.cause !== "unknown" ? read.value : null;
}
