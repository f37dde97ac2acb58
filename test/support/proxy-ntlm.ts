// A server that binds identity to the TCP connection, as IIS does with NTLM, and a client that logs on to it.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { readUntil } from "./proxy-client.ts";

interface LogOn {
  challenge: string | null;
  user: string | null;
}

/** The request handler; each origin needs its own. */
export function ntlmHandler(): RequestListener {
  const logOns = new WeakMap<Socket, LogOn>();
  let challenges = 0;
  return (request: IncomingMessage, response: ServerResponse) => {
    const state = logOns.get(request.socket) ?? { challenge: null, user: null };
    logOns.set(request.socket, state);
    request.resume();
    const [scheme, leg, user = "", given = ""] = (request.headers.authorization ?? "").split(" ");
    if (scheme === "NTLM" && leg === "1") {
      challenges += 1;
      state.challenge = `${user}-${challenges}`;
      response.writeHead(401, { "WWW-Authenticate": `NTLM ${state.challenge}`, "Content-Length": 0 }).end();
      return;
    }
    if (scheme === "NTLM" && leg === "3") state.user = given !== "" && given === state.challenge ? user : null;
    const body = `user=${state.user ?? "nobody"};`;
    response.writeHead(state.user === null ? 401 : 200, { "Content-Length": body.length }).end(body);
  };
}

/** Sends one request and gives the answer's head and the `user=…;` of its body. `target` is the request-target. */
export async function askWho(socket: Socket, target: string, authorization: string | null): Promise<string> {
  const field = authorization === null ? "" : `Authorization: ${authorization}\r\n`;
  socket.write(`GET ${target} HTTP/1.1\r\nHost: origin.test\r\n${field}\r\n`);
  const head = await readUntil(socket, "\r\n\r\n");
  return /^Content-Length: 0\r$/im.test(head) ? head : head + (await readUntil(socket, ";"));
}

/** The three legs; gives who the server takes the connection for, with the credentials and then without. */
export async function logOn(socket: Socket, target: string, user: string): Promise<readonly string[]> {
  const challenged = await askWho(socket, target, `NTLM 1 ${user}`);
  const challenge = /^WWW-Authenticate: NTLM (\S+)/im.exec(challenged)?.[1] ?? "";
  const accepted = await askWho(socket, target, `NTLM 3 ${user} ${challenge}`);
  const again = await askWho(socket, target, null);
  return [accepted, again].map((answer) => /user=(.*);$/.exec(answer)?.[1] ?? "nothing");
}
