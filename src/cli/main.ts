#!/usr/bin/env node
// The entry of the program. It imports only what the command line needs, so that `--version` answers at once.
import { toolVersion } from "../app/version.ts";

// By default SIGUSR1 opens Node's debugger to every user of this machine, and SIGUSR2 ends the program. Log rotation sends
// either of them.
for (const signal of ["SIGUSR1", "SIGUSR2"]) process.on(signal, () => undefined);

// React's development build keeps a record of every render, too much for a capture that runs for days.
process.env.NODE_ENV ??= "production";

const argumentsGiven = process.argv.slice(2);
if (argumentsGiven.length === 1 && (argumentsGiven[0] === "--version" || argumentsGiven[0] === "-V")) {
  process.stdout.write(`${toolVersion()}\n`);
} else {
  const early = argumentsGiven[0] === "replay" ? await import("../app/reading/early-threads.ts") : null;
  await early?.startThreadsEarly(argumentsGiven.slice(1));
  const { runProgram } = await import("./run-program.ts");
  process.exitCode = await runProgram(argumentsGiven);
  await early?.stopEarlyThreads();
}
