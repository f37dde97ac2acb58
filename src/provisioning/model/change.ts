// One change of Exchange or of the tenant, as data: a plan, a journal and an undo hold the same shape.
import type { WireObject } from "./exchange-shell.ts";

/** What was read of one object. Equal states give equal data, so a digest shows whether something changed. */
export type Facts = WireObject;

/** A public certificate as a key credential carries it. */
export interface KeyToAdd {
  /** SHA-1 of the DER, 40 hex digits in upper case. */
  readonly thumbprint: string;
  /** DER in base64. */
  readonly der: string;
  readonly displayName: string;
  /** ISO times in UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** One change of Exchange: a cmdlet with its parameters as data. A value `{ ref: "s2.account.skype.Guid" }` is known only after apply. */
export interface ExchangeCall {
  readonly via: "exchange";
  readonly cmdlet: string;
  readonly parameters: WireObject;
}

/** The same cmdlet once for each name: the given names, or those that `list` finds except `keep`. */
export interface ExchangeEachCall {
  readonly via: "exchange-each";
  readonly cmdlet: string;
  readonly parameters: WireObject;
  /** The identity is this prefix and the name. */
  readonly prefix: string;
  readonly names: readonly string[] | null;
  readonly list: { readonly cmdlet: string; readonly parameters: WireObject };
  readonly keep: readonly string[];
}

/** One change of a service principal over Microsoft Graph. */
export type GraphCall =
  | { readonly via: "graph"; readonly operation: "create-service-principal"; readonly appId: string }
  | {
      readonly via: "graph";
      readonly operation: "add-keys";
      readonly appId: string;
      readonly keys: readonly KeyToAdd[];
      /** Digest of the key array when the plan was made; a different one at the time of the write stops the run. */
      readonly arrayDigest: string | null;
    }
  | {
      readonly via: "graph";
      readonly operation: "remove-keys";
      readonly appId: string;
      readonly keyIds: readonly string[];
      readonly arrayDigest: string | null;
    }
  | {
      readonly via: "graph";
      readonly operation: "add-names" | "remove-names";
      readonly appId: string;
      readonly names: readonly string[];
      readonly arrayDigest: string | null;
    }
  | {
      readonly via: "graph";
      readonly operation: "delete-service-principal";
      readonly appId: string;
      readonly id: string;
    };

export type Call = ExchangeCall | ExchangeEachCall | GraphCall;
