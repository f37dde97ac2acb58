import { ToolError } from "../../core/tool-error.ts";
import type { LeafSigner } from "./certificate-authority.ts";

/** Two CAs as one signer: the first signs for all hosts that it covers, the second for the rest. */
export function joinSigners(first: LeafSigner, second: LeafSigner): LeafSigner {
  const signerFor = (host: string): LeafSigner => (first.covers(host) ? first : second);
  return {
    covers: (host) => first.covers(host) || second.covers(host),
    issuerOf: (host) => signerFor(host).issuerOf(host),
    prepare: async () => {
      await Promise.all([first.prepare(), second.prepare()]);
    },
    leafContext: (host, now) => signerFor(host).leafContext(host, now),
  };
}

/** For a run whose listeners all show a certificate of their own: signs for no host. */
export const noSigner: LeafSigner = {
  covers: () => false,
  issuerOf: () => "run-ca",
  prepare: () => Promise.resolve(),
  leafContext() {
    throw new ToolError("host-outside-ca", "This run has no inspection CA.", {
      hint: "Create one: realmscope ca create.",
    });
  },
};
