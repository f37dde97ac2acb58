import type { Socket } from "node:net";
import { type ResponseHead, readResponseHead } from "../../http1/head.ts";
import { createLineBlock } from "../../http1/line-block.ts";
import { DialError } from "./dial-error.ts";
import { type HostPort, hostPortText } from "./host-and-port.ts";
import { headLimit, type RefusedTunnel, readRefusal } from "./tunnel-refusal.ts";

/** An HTTP proxy between this proxy and the targets. */
export interface UpstreamProxy extends HostPort {
  /** `user:password`; secret. */
  readonly credentials: string | null;
}

/** The value of Proxy-Authorization (RFC 7617) for `user:password`. */
export function basicCredentials(credentials: string): string {
  return `Basic ${Buffer.from(credentials, "utf8").toString("base64")}`;
}

/**
 * Requests a tunnel to the target from a connected HTTP proxy. Resolves once bytes reach the target, or rejects with
 * DialError.
 */
export async function openTunnel(socket: Socket, target: HostPort, { credentials }: UpstreamProxy): Promise<Socket> {
  const authority = hostPortText(target);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (credentials !== null) lines.push(`Proxy-Authorization: ${basicCredentials(credentials)}`);
  socket.write([...lines, "", ""].join("\r\n"));
  const answered = await readHead(socket);
  const { status } = answered.head;
  if (status >= 200 && status < 300) return socket;
  // A client that answers 407 would be refused again: its credentials for a proxy go no further than here.
  const answer = status === 407 ? null : await readRefusal(socket, answered);
  socket.destroy();
  if (status === 407) throw new DialError("failed", "the upstream proxy asks for other credentials (status 407)");
  throw new DialError("failed", `the upstream proxy refused the target (status ${status})`, answer);
}

/** Reads the head of the proxy's answer; what follows it stays to be read. Rejects with DialError. */
function readHead(socket: Socket): Promise<RefusedTunnel> {
  return new Promise((resolve, reject) => {
    const block = createLineBlock(headLimit);
    const settle = (answered: RefusedTunnel | DialError): void => {
      socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd);
      if (!(answered instanceof DialError)) resolve(answered);
      else {
        socket.destroy();
        reject(answered);
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
      const head = step.state === "whole" ? headOf(step.block) : null;
      // At once: after the end of the stream nothing can be put back.
      if (step.state === "whole" && step.next < bytes.length) socket.unshift(bytes.subarray(step.next));
      settle(head ?? new DialError("failed", "the upstream proxy does not answer in HTTP"));
    };
    socket.on("readable", onReadable).on("end", onEnd).on("close", onEnd);
  });
}

function headOf(block: Uint8Array): { readonly head: ResponseHead; readonly bytes: Buffer } | null {
  const head = readResponseHead(block);
  return head.ok ? { head: head.value, bytes: Buffer.from(block) } : null;
}
