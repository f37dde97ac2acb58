// What a reader cannot keep of a transaction, one sentence each, so that a loss is never silent.
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";

/** The bodies whose content coding could not be undone. */
export function undecodedBodies({ request, response }: HttpTransaction): readonly string[] {
  const lost: string[] = [];
  if (isUndecoded(request.body)) lost.push(undecoded("request", request.body));
  if (response !== null && isUndecoded(response.body)) lost.push(undecoded("answer", response.body));
  return lost;
}

function isUndecoded({ bytes, contentCoding }: CapturedBody): boolean {
  return contentCoding !== null && bytes.length > 0;
}

function undecoded(whose: string, { contentCoding }: CapturedBody): string {
  const coding = (contentCoding ?? "").replace(/[^A-Za-z0-9.,_ -]/g, "?").slice(0, 32);
  return `the body of the ${whose} was not read: its content coding ${coding} could not be undone`;
}

/** The messages of a WebSocket, of which only the handshake is read. */
export function unreadMessages(count: number): readonly string[] {
  if (count === 0) return [];
  return [`${count} WebSocket ${count === 1 ? "message was" : "messages were"} not read, only the handshake`];
}

export const noTime = "no time that can be read";
