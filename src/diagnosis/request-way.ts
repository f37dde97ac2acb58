import type { TransactionFacts } from "../decoders/facts.ts";
import { tokenServiceOf } from "../decoders/tokens/token-service.ts";
import { routeOfEndpoint } from "../handshake/direction.ts";
import { routeWords, tokenServiceWords } from "./direction-words.ts";

/** Interface and token service of one request by itself: `EWS (ACS)`, `token service`. Empty when neither is known. */
export function wayOfRequest({
  endpoint,
  authorization,
}: Pick<TransactionFacts, "endpoint" | "authorization">): string {
  const route = routeOfEndpoint(endpoint);
  if (route === null) return "token service";
  const service =
    authorization.scheme === "bearer" && authorization.token.ok ? tokenServiceOf(authorization.token.value) : null;
  if (service === null) return route === "other" ? "" : routeWords[route];
  return `${routeWords[route]} (${tokenServiceWords[service]})`;
}
