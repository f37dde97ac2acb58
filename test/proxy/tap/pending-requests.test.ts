// Pending requests are reported after a second and again as they advance, and never to the capture.
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { type PendingExchanges, PendingRequests } from "../../../src/proxy/tap/pending-requests.ts";
import { Tap } from "../../../src/proxy/tap/tap.ts";
import { openTcp, openThrough, readUntil, signal } from "../../support/proxy-client.ts";
import { startHttpsOrigin, startTcpOrigin } from "../../support/proxy-origin.ts";
import { startTestProxy, type TestProxy } from "../../support/proxy-start.ts";

const subject = { connection: "c1", client: "192.0.2.1:1", scheme: "https", host: "a.test", port: 443 } as const;
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const get = (path: string): Buffer => bytes(`GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
const whole = bytes("HTTP/1.1 204 No Content\r\n\r\n");

/** `t1 answer`, in the order reported. */
const steps = ({ exchanges }: PendingExchanges): readonly string[] =>
  exchanges.map(({ transaction, step }) => `${transaction.id} ${step}`);

describe("with a fake clock", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function started(most = 3) {
    const events: CaptureEvent[] = [];
    const told: PendingExchanges[] = [];
    const open = new PendingRequests({ afterMs: 1000, most });
    open.watch((now) => told.push(now));
    let count = 0;
    const newTap = (): Tap =>
      new Tap(subject, {
        headLimit: 4096,
        bodyLimit: 4096,
        nextTransactionId: () => `t${++count}`,
        emit: (event) => events.push(event),
        pendingRequests: open,
      });
    return { events, told, open, newTap, tap: newTap() };
  }

  test("a request answered within a second is not reported, and no timer runs when nothing is pending", () => {
    const { events, told, tap } = started();
    for (let exchange = 0; exchange < 50; exchange += 1) {
      tap.push("client", get("/"), Date.now());
      vi.advanceTimersByTime(90);
      tap.push("server", whole, Date.now());
    }
    vi.advanceTimersByTime(2000);
    expect(events).toHaveLength(50);
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a request without an answer is reported once, then with its answer begun, then as ended", () => {
    const { events, told, tap } = started();
    tap.push("client", get("/slow?token=secret"), Date.now());
    vi.advanceTimersByTime(900);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(told.map(steps)).toEqual([["t1 answer"]]);
    expect(told[0]?.exchanges[0]?.transaction).toMatchObject({ ...subject, response: null, durationMs: null });
    tap.push("server", bytes("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"), Date.now());
    vi.advanceTimersByTime(10_000);
    expect(told.map(steps).slice(1)).toEqual([["t1 rest"]]);
    expect(told[1]?.exchanges[0]?.transaction.response).toMatchObject({ status: 200 });
    expect(events).toEqual([]);
    tap.push("server", bytes("cd"), Date.now());
    vi.advanceTimersByTime(10_000);
    expect(told.map(steps).slice(2)).toEqual([[]]);
    expect(events).toMatchObject([{ kind: "transaction", transaction: { id: "t1", failure: null } }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a request whose body is not complete waits for the body", () => {
    const { told, tap } = started();
    tap.push("client", bytes("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nab"), Date.now());
    vi.advanceTimersByTime(3000);
    tap.push("client", bytes("cdefghi"), Date.now());
    vi.advanceTimersByTime(3000);
    expect(told.map(steps)).toEqual([["t1 request"], ["t1 answer"]]);
  });

  test.each([
    ["the client breaks it", (tap: Tap) => tap.close(Date.now(), "client")],
    ["the connection is closed", (tap: Tap) => tap.close(Date.now(), null)],
    ["the server ends", (tap: Tap) => tap.end("server", Date.now(), true)],
    ["the capture gives up", (tap: Tap) => tap.giveUp(Date.now(), "too much")],
    [
      "it changes to another protocol",
      (tap: Tap) => tap.push("server", bytes("HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n"), Date.now()),
    ],
    ["its bytes are no answer", (tap: Tap) => tap.push("server", bytes("what\r\n\r\n"), Date.now())],
  ])("%s: it is open no more", (_, act) => {
    const { told, tap } = started();
    tap.push(
      "client",
      bytes("GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
      Date.now(),
    );
    vi.advanceTimersByTime(3000);
    act(tap);
    vi.advanceTimersByTime(3000);
    expect(told.map(steps)).toEqual([["t1 answer"], []]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("requests without an answer come first, oldest first; those over the bound are counted", () => {
    const { told, tap, newTap } = started();
    tap.push("client", get("/streams"), Date.now());
    tap.push("server", bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Date.now());
    for (let hanging = 0; hanging < 4; hanging += 1) newTap().push("client", get("/"), Date.now());
    vi.advanceTimersByTime(3000);
    expect(told.map(steps)).toEqual([["t2 answer", "t3 answer", "t4 answer"]]);
    expect(told[0]?.more).toBe(2);
  });

  test("a watcher registered later gets what is pending then; after the end nothing is reported", () => {
    const { open, told, tap } = started();
    tap.push("client", get("/"), Date.now());
    vi.advanceTimersByTime(2000);
    const later: PendingExchanges[] = [];
    open.watch((now) => later.push(now));
    tap.push("client", get("/next"), Date.now());
    vi.advanceTimersByTime(3000);
    expect(later.map(steps)).toEqual([["t1 answer", "t2 answer"]]);
    open.end();
    expect(later.map(steps)).toEqual([["t1 answer", "t2 answer"], []]);
    tap.close(Date.now(), null);
    expect(vi.getTimerCount()).toBe(0);
    expect(told).toHaveLength(1);
  });
});

/** What is told, one after the other. */
function watched({ proxy }: TestProxy) {
  const told: PendingExchanges[] = [];
  let wake = (): void => undefined;
  proxy.watchPending((now) => {
    told.push(now);
    wake();
  });
  return {
    async until(wanted: readonly string[]): Promise<PendingExchanges> {
      for (;;) {
        const last = told.at(-1);
        if (last !== undefined && steps(last).join() === wanted.join()) return last;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

describe("through the proxy", () => {
  test("a slow server is reported as waiting, then as streaming, then there is one ordinary transaction", async () => {
    const [begin, finish] = [signal(), signal()];
    const origin = await startHttpsOrigin(["origin.test"], (_, response) => {
      void begin.given.then(() => response.write("first"));
      void finish.given.then(() => response.end("last"));
    });
    const started = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const { until } = watched(started);
    const client = await openThrough(started.forward, "origin.test:443", { ca: started.authority.certificatePem });
    client.write("GET /ews HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    const waiting = await until(["t1 answer"]);
    expect(waiting.exchanges[0]?.transaction).toMatchObject({ host: "origin.test", request: { target: "/ews" } });
    begin.give();
    await readUntil(client, "first");
    await until(["t1 rest"]);
    expect(started.seen).toEqual([]);
    finish.give();
    await until([]);
    expect(await started.transactions(1)).toMatchObject([{ id: "t1", failure: null, response: { status: 200 } }]);
    expect(started.seen).toHaveLength(1);
  });

  test("a client that leaves ends its pending request", async () => {
    const origin = await startHttpsOrigin(["origin.test"], () => undefined);
    const started = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
    });
    const { until } = watched(started);
    const client = await openThrough(started.forward, "origin.test:443", { ca: started.authority.certificatePem });
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await until(["t1 answer"]);
    client.destroy();
    await until([]);
    expect(await started.transactions(1)).toMatchObject([{ response: null, failure: expect.any(String) }]);
  });

  test("a request of http:// is reported as well", async () => {
    const answer = signal();
    const origin = await startTcpOrigin((socket) => {
      socket.once("data", () => void answer.given.then(() => socket.write("HTTP/1.1 204 No Content\r\n\r\n")));
    });
    const started = await startTestProxy({ resolve: new Map([["origin.test:80", origin]]) });
    const { until } = watched(started);
    const client = await openTcp(started.forward);
    onTestFinished(() => void client.destroy());
    client.write("GET http://origin.test/plain HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    const waiting = await until(["t1 answer"]);
    expect(waiting.exchanges[0]?.transaction).toMatchObject({ scheme: "http", host: "origin.test", response: null });
    answer.give();
    await until([]);
    expect(await started.transactions(1)).toMatchObject([{ response: { status: 204 } }]);
  });

  test("after the end of the proxy nothing is reported as pending", async () => {
    const origin = await startHttpsOrigin(["origin.test"], () => undefined);
    const started = await startTestProxy({
      upstreamCa: [origin.rootPem],
      resolve: new Map([["origin.test:443", origin]]),
      limits: { stopMs: 50 },
    });
    const { until } = watched(started);
    const client = await openThrough(started.forward, "origin.test:443", { ca: started.authority.certificatePem });
    client.on("error", () => undefined);
    client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
    await until(["t1 answer"]);
    await started.proxy.stop();
    await until([]);
    expect(await started.transactions(1)).toMatchObject([{ response: null }]);
  });
});
