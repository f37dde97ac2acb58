import type { Server } from "node:net";
import { ToolError } from "../../core/tool-error.ts";
import { type HostPort, hostPortText } from "./host-and-port.ts";

/** Listens and resolves to the address that was bound (port 0 takes any free one). Rejects with ToolError. */
export function bind(server: Server, endpoint: HostPort): Promise<HostPort> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(bindProblem(endpoint, error));
    server.once("error", onError);
    server.listen({ host: endpoint.host, port: endpoint.port }, () => {
      server.off("error", onError);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("a TCP server has no address"));
      else resolve({ host: address.address, port: address.port });
    });
  });
}

function bindProblem(endpoint: HostPort, cause: NodeJS.ErrnoException): ToolError {
  const place = hostPortText(endpoint);
  switch (cause.code) {
    case "EADDRINUSE":
      return new ToolError("port-in-use", `Another program already listens on ${place}.`, {
        hint: "Choose another port, or 0 for any free one.",
        cause,
      });
    case "EACCES":
      return new ToolError("port-forbidden", `This user may not listen on ${place}.`, {
        hint: "Choose a port above 1023, or run with the right to use this one.",
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ToolError("address-not-local", `${place} is not an address of this machine.`, {
        hint: "Use 127.0.0.1, 0.0.0.0, or an address that this machine has.",
        cause,
      });
    default:
      return new ToolError("cannot-listen", `Listening on ${place} failed (${cause.code ?? "unknown error"}).`, {
        hint: "Choose another address or port.",
        cause,
      });
  }
}
