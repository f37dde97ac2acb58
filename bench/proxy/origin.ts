// The origin of the proxy benchmark, a separate process: small, big and huge answers, and a log-on that authenticates the
// TCP connection, like NTLM.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { bigAnswerBytes, hugeAnswerBytes, smallAnswerBytes } from "./traffic.ts";

const small = Buffer.alloc(smallAnswerBytes, 0x73);
const big = Buffer.alloc(bigAnswerBytes, 0x62);
const piece = Buffer.alloc(64 * 1024, 0x68);

interface LogOn {
  challenge: string | null;
  user: string | null;
}

const logOns = new WeakMap<Socket, LogOn>();
let challenges = 0;

function serve(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  if (request.url === "/huge") sendHuge(response);
  else if (request.url === "/ntlm") logOn(request, response);
  else request.once("end", () => answer(response, request.url === "/big" ? big : small));
}

function answer(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { "Content-Type": "text/xml", "Content-Length": body.length });
  response.end(body);
}

function sendHuge(response: ServerResponse): void {
  response.writeHead(200, { "Content-Length": hugeAnswerBytes });
  let left = hugeAnswerBytes;
  const send = (): void => {
    while (left > 0) {
      left -= piece.length;
      if (!response.write(piece)) break;
    }
    if (left > 0) response.once("drain", send);
    else response.end();
  };
  send();
}

/** Three legs: the user, a challenge for this connection, the challenge returned. Then the connection belongs to that user. */
function logOn(request: IncomingMessage, response: ServerResponse): void {
  const state = logOns.get(request.socket) ?? { challenge: null, user: null };
  logOns.set(request.socket, state);
  const [scheme, leg, user = "", given = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme === "NTLM" && leg === "1") {
    challenges += 1;
    state.challenge = `${user}-${challenges}`;
    response.writeHead(401, { "WWW-Authenticate": `NTLM ${state.challenge}`, "Content-Length": 0 }).end();
    return;
  }
  if (scheme === "NTLM" && leg === "3") state.user = given !== "" && given === state.challenge ? user : null;
  const body = state.user ?? "nobody";
  response.writeHead(state.user === null ? 401 : 200, { "Content-Length": body.length });
  response.end(body);
}

process.on("message", ({ key, cert }: { key: string; cert: string }) => {
  const server = createServer({ key, cert }, serve);
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
});
process.on("disconnect", () => process.exit(0));
