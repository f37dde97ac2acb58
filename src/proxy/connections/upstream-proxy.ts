import type { Socket } from "node:net";
import { readResponseHead } from "../../http1/head.ts";
import { createLineBlock } from "../../http1/line-block.ts";
import { DialError } from "./dial-error.ts";
import { type HostPort, hostPortText } from "./host-and-port.ts";

/** An HTTP proxy between this proxy and the targets. */
export interface UpstreamProxy extends HostPort {
  /** `user:password`; secret. */
  readonly credentials: string | null;
}

const headLimit = 64 * 1024;

/**
 * Requests a tunnel to the target from a connected HTTP proxy. Resolves once bytes reach the target, or rejects with
 * DialError.
 */
export function openTunnel(socket: Socket, target: HostPort, { credentials }: UpstreamProxy): Promise<Socket> {
  const authority = hostPortText(target);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (credentials !== null) {
    lines.push(`Proxy-Authorization: Basic ${Buffer.from(credentials, "utf8").toString("base64")}`);
  }
  socket.write([...lines, "", ""].join("\r\n"));
  return new Promise((resolve, reject) => {
    const block = createLineBlock(headLimit);
    const settle = (error: DialError | null): void => {
      socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd);
      if (error === null) resolve(socket);
      else {
        socket.destroy();
        reject(error);
      }
    };
    const onEnd = (): void => settle(new DialError("failed", "the upstream proxy closed the connection"));
    // Reading by "readable" leaves the stream neither flowing nor paused: Node's HTTP client does not resume a paused
    // one.
    const onReadable = (): void => {
      const bytes: Buffer | null = socket.read();
      if (bytes === null) return;
      const step = block.push(bytes, 0);
      if (step.state === "more") return;
      if (step.state === "whole" && step.next < bytes.length) socket.unshift(bytes.subarray(step.next));
      settle(
        step.state === "whole"
          ? refusal(step.block)
          : new DialError("failed", "the upstream proxy does not answer in HTTP"),
      );
    };
    socket.on("readable", onReadable).on("end", onEnd).on("close", onEnd);
  });
}

function refusal(block: Uint8Array): DialError | null {
  const head = readResponseHead(block);
  if (!head.ok) return new DialError("failed", "the upstream proxy does not answer in HTTP");
  const { status } = head.value;
  if (status >= 200 && status < 300) return null;
  if (status === 407) return new DialError("failed", "the upstream proxy asks for other credentials (status 407)");
  return new DialError("failed", `the upstream proxy refused the target (status ${status})`);
}
