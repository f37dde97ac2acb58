// A pasted trace of a failed request of IIS, as the request and the answer that it holds.
import { isFailedRequest } from "../../server-logs/records/record-mark.ts";
import { addTraceEvent, readTraceRoot, startTraceFacts, traceStatus } from "../../server-logs/records/trace-facts.ts";
import { XmlCutter } from "../../server-logs/records/xml-cutter.ts";

/** The messages of a trace as text, to be read as any other dump; null for another text, and without the head of a request. */
export function messagesOfTrace(text: string): string | null {
  if (!isFailedRequest(text)) return null;
  const root = readTraceRoot(text);
  if (root === null) return null;
  const facts = startTraceFacts();
  for (const record of new XmlCutter("Event").push(text)) if (record.text !== null) addTraceEvent(facts, record.text);
  if (facts.requestHead === null) return null;
  const target = (root.get("url") ?? "").replace(/^https?:\/\/[^/?#]*/i, "") || "/";
  const verb = /^[A-Za-z-]{1,32}$/.exec(root.get("verb") ?? "")?.[0] ?? "GET";
  const request = [
    `${verb} ${target.replace(/\s/g, "%20")} HTTP/1.1`,
    facts.requestHead.trim(),
    "",
    facts.requestBody ?? "",
  ];
  const status = traceStatus(root);
  if (status === 0 || facts.responseHead === null) return `${request.join("\n").trim()}\n`;
  const answer = [`HTTP/1.1 ${status}`, facts.responseHead.trim(), "", facts.responseBody ?? ""];
  return `${request.join("\n").trim()}\n\n${answer.join("\n").trim()}\n`;
}
