// The screen's process begins here. What React and Ink look at when they are loaded is set first; imports come after.
process.env.NODE_ENV ??= "production";
delete process.env.CI;
delete process.env.CONTINUOUS_INTEGRATION;
// Node would open its debugger to every user of this machine.
process.on("SIGUSR1", () => undefined);

const { runScreen } = await import("./run-screen.tsx");
const { parentConnection, socketConnection } = await import("../link/capture-connection.ts");
const [, , socket] = process.argv;
runScreen(
  socket === undefined
    ? { connection: parentConnection(), isAttached: false }
    : { connection: socketConnection(socket), isAttached: true },
);
