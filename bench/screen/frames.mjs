// The installed screen on a fake terminal: the growth of its memory over frames of rows that never repeat, and how long it
// blocks its process over many rows. Prints one line of JSON.
//   node --expose-gc bench/screen/frames.mjs frames COLUMNS ROWS COUNT
//   node --expose-gc bench/screen/frames.mjs rows COLUMNS ROWS COUNT
import { EventEmitter } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";

process.env.NODE_ENV ??= "production";
delete process.env.CI;
delete process.env.CONTINUOUS_INTEGRATION;
const { render } = await import("ink");
const { createElement } = await import("react");
const { App } = await import("../../dist/tui/screen/app.js");
const { ScreenStore } = await import("../../dist/tui/screen/screen-store.js");

const [, , what, columns, rows, count] = process.argv;
const size = { columns: Number(columns), rows: Number(rows) };

class Sink extends EventEmitter {
  isTTY = true;
  columns = size.columns;
  rows = size.rows;
  bytes = 0;
  write(text) {
    this.bytes += text.length;
    return true;
  }
}

const renderTimes = [];
let drawn = () => undefined;
// Few rows are held while frames are counted, so that any growth comes from the frames.
const rowLimit = what === "frames" ? 1000 : Number(count) + 1000;
const store = new ScreenStore({ send: () => undefined, size: () => size, rowLimit });
const app = render(createElement(App, { store, size, isMono: false }), {
  stdout: new Sink(),
  exitOnCtrlC: false,
  patchConsole: false,
  maxFps: 10_000,
  onRender: ({ renderTime }) => {
    renderTimes.push(renderTime);
    drawn();
  },
});

let made = 0;
function row() {
  made += 1;
  return {
    row: {
      id: `t${made}`,
      at: 1_700_000_000_000 + made,
      client: "127.0.0.1:5000",
      method: "POST",
      scheme: "https",
      host: `host${made % 50}.contoso.example`,
      path: `/EWS/Exchange.asmx/${made}`,
      status: made % 7 === 0 ? 401 : 200,
      auth: "Bearer",
      detail: `acts as user, call ${made}`,
      bytes: made,
      durationMs: made % 100,
      handshakeId: `h${made % 40}`,
      worst: made % 11 === 0 ? "warning" : null,
    },
    direction: "S>X",
    token: null,
    findings: [],
  };
}

function nextFrame(act) {
  return new Promise((resolve) => {
    drawn = () => setImmediate(resolve);
    act();
  });
}

async function addFrame(rowsInIt) {
  await nextFrame(() => {
    store.receive({ type: "rows", rows: Array.from({ length: rowsInIt }, row), lost: 0 });
    store.draw();
  });
}

function heap() {
  for (let round = 0; round < 4; round += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const key = (name) => (name.length === 1 ? { name: "character", character: name } : { name });
const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)];

if (what === "frames") {
  for (let filled = 0; filled < 20_000; filled += 1_000) {
    store.receive({ type: "rows", rows: Array.from({ length: 1_000 }, row), lost: 0 });
  }
  for (let frame = 0; frame < 300; frame += 1) await addFrame(1);
  const before = heap();
  renderTimes.length = 0;
  for (let frame = 0; frame < Number(count); frame += 1) await addFrame(1);
  const after = heap();
  process.stdout.write(
    `${JSON.stringify({ frames: renderTimes.length, grownBytes: after - before, nodeEnv: process.env.NODE_ENV })}\n`,
  );
} else {
  for (let filled = 0; filled < Number(count); filled += 2_000) {
    store.receive({ type: "rows", rows: Array.from({ length: 2_000 }, row), lost: 0 });
  }
  await addFrame(1);
  renderTimes.length = 0;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const presses = [];
  const cpu = [];
  const press = async (name) => {
    const start = performance.now();
    const used = process.cpuUsage();
    await nextFrame(() => store.press(key(name)));
    presses.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
  };
  await press("g");
  for (let at = 0; at < 150; at += 1) await press(at % 3 === 0 ? "page-down" : "j");
  await press("G");
  for (let at = 0; at < 50; at += 1) await press("page-up");
  await press("n");
  for (const letter of "/host~host7 & status=4xx") await press(letter);
  const start = performance.now();
  while (store.state().job !== null || store.state().sorting !== null)
    await new Promise((resolve) => setImmediate(resolve));
  const filterMs = performance.now() - start;
  await press("enter");
  for (const name of ["/", "ctrl-u", "enter"]) await press(name);
  const sortMs = {};
  for (const column of ["-ms", "path"]) {
    for (const letter of `:sort ${column}`) await press(letter);
    const begun = performance.now();
    await press("enter");
    while (store.state().sorting !== null) await new Promise((resolve) => setImmediate(resolve));
    sortMs[column] = performance.now() - begun;
    await addFrame(100);
    for (let at = 0; at < 20; at += 1) await press("page-down");
  }
  for (const letter of "/status=4xx") await press(letter);
  while (store.state().job !== null || store.state().sorting !== null)
    await new Promise((resolve) => setImmediate(resolve));
  await press("enter");
  delay.disable();
  const result = {
    rows: store.state().log.end,
    pressP50Ms: quantile(presses, 0.5),
    pressMaxMs: Math.max(...presses),
    pressCpuP50Ms: quantile(cpu, 0.5),
    pressCpuP99Ms: quantile(cpu, 0.99),
    pressCpuMaxMs: Math.max(...cpu),
    renderMaxMs: Math.max(...renderTimes),
    loopHeldMaxMs: delay.max / 1e6,
    filterMs,
    sortMs,
    matches: store.state().filter.matches.length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
app.unmount();
process.exit(0);
