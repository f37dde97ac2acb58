// The entry of the screen's process. The environment that React and Ink read while they load is set before the imports.
process.env.NODE_ENV ??= "production";
delete process.env.CI;
delete process.env.CONTINUOUS_INTEGRATION;
// Without a handler Node would open its debugger to every user of this machine.
process.on("SIGUSR1", () => undefined);

const { runScreen } = await import("./run-screen.tsx");
const { parentConnection, socketConnection } = await import("../link/capture-connection.ts");
const [, , socket] = process.argv;
runScreen(
  socket === undefined
    ? { connection: parentConnection(), isAttached: false }
    : { connection: socketConnection(socket), isAttached: true },
);
