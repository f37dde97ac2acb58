import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { reset } from "../../../src/proxy/connections/relay-bytes.ts";

async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [[Socket], unknown];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

test("the peer sees a reset as a reset, and the socket closes", async () => {
  const { near, far } = await pair();
  far.resume();
  const failed = once(far, "error");
  const closed = once(near, "close");
  reset(near);
  await closed;
  expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
});

test("a reset while an orderly end is on its way closes the socket all the same", async () => {
  const { near, far } = await pair();
  far.on("error", () => undefined).resume();
  near.on("error", () => undefined);
  const [gone, closed] = [far, near].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  near.end("the last words");
  reset(near);
  await closed;
  far.end();
  await gone;
  expect(near.destroyed).toBe(true);
});
