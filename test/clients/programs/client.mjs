// node client.mjs KIND PROXY [METHOD URL BYTES]...: calls one after the other over one connection, where the kind can.
// KIND is https, undici, h2 (HTTP/2 alone); PROXY is http://host:port or "-". What it prints: see answers.ts.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { Agent, fetch, ProxyAgent } from "undici";

const [kind, proxy, ...words] = process.argv.slice(2);

function print(status, version, fields, body) {
  const lines = [`status ${status} ${version}`, ...fields.map(([name, value]) => `field ${name}: ${value}`)];
  lines.push(`body ${createHash("sha256").update(body).digest("hex")} ${body.length}`, "end");
  process.stdout.write(`${lines.join("\n")}\n`);
}

function fail(error) {
  const name = error.cause?.code ?? error.cause?.message ?? error.code ?? error.message;
  process.stdout.write(`error ${String(name).replace(/\s+/g, " ")}\nend\n`);
  process.exitCode = 1;
}

async function collect(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A TCP connection to the target, through CONNECT where there is a proxy. */
async function tunnel(url) {
  const host = url.hostname;
  const port = Number(url.port);
  if (proxy === "-") {
    const socket = connectTcp({ host, port });
    await once(socket, "connect");
    return socket;
  }
  const { hostname, port: proxyPort } = new URL(proxy);
  const asked = httpRequest({ host: hostname, port: proxyPort, method: "CONNECT", path: `${host}:${port}` }).end();
  const [answer, socket] = await once(asked, "connect");
  if (answer.statusCode !== 200) throw new Error(`CONNECT ${answer.statusCode}`);
  return socket;
}

function pairs(raw) {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]]] : []));
}

class TunnelAgent extends HttpsAgent {
  createConnection(options, done) {
    const secure = (socket) => connectTls({ socket, servername: options.host, ALPNProtocols: ["http/1.1"] });
    tunnel(new URL(`https://${options.host}:${options.port}`))
      .then((socket) => done(null, secure(socket)))
      .catch((error) => done(error));
  }
}
const agent = new TunnelAgent({ keepAlive: true, maxSockets: 1 });

async function byHttps(method, url, body) {
  const isPlain = url.protocol === "http:";
  const common = { method, headers: body.length === 0 ? {} : { "Content-Length": body.length } };
  const place = isPlain && proxy !== "-" ? new URL(proxy) : url;
  const request = isPlain
    ? httpRequest({ ...common, host: place.hostname, port: place.port, path: proxy === "-" ? url.pathname : url.href })
    : httpsRequest({ ...common, agent, host: url.hostname, port: url.port, path: url.pathname });
  if (isPlain) request.setHeader("Host", url.host);
  request.end(body);
  const [answer] = await once(request, "response");
  print(answer.statusCode, answer.httpVersion, pairs(answer.rawHeaders), await collect(answer));
}

const dispatcher = proxy === "-" ? new Agent() : new ProxyAgent({ uri: proxy });
async function byUndici(method, url, body) {
  const sent = body.length === 0 ? {} : { body };
  const answer = await fetch(url, { method, redirect: "manual", dispatcher, ...sent });
  print(answer.status, "-", [...answer.headers], Buffer.from(await answer.arrayBuffer()));
}

let session;
async function openSession(url) {
  const socket = await tunnel(url);
  const tls = connectTls({ socket, servername: url.hostname, ALPNProtocols: ["h2"] });
  await once(tls, "secureConnect");
  session = connectHttp2(url.origin, { createConnection: () => tls });
  session.on("error", () => session.destroy());
  await once(session, "connect");
}
async function byHttp2(method, url, body) {
  if (session === undefined) await openSession(url);
  const headers = { ":method": method, ":path": url.pathname };
  const stream = session.request(headers, { endStream: body.length === 0 });
  if (body.length > 0) stream.end(body);
  const [answered] = await once(stream, "response");
  const fields = Object.entries(answered).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const told = fields.filter(([name]) => !name.startsWith(":"));
  print(answered[":status"], "2", told, await collect(stream));
}

const ways = { https: byHttps, undici: byUndici, h2: byHttp2 };
for (let at = 0; at < words.length; at += 3) {
  const [method, url, bytes] = words.slice(at, at + 3);
  try {
    await ways[kind](method, new URL(url), Buffer.alloc(Number(bytes), "x"));
  } catch (error) {
    fail(error);
  }
}
agent.destroy();
session?.close();
await dispatcher.close();
