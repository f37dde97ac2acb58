// The port to Microsoft Graph: what the steps and the engine read and write there.
import type { GraphCall } from "./change.ts";

export interface Graph {
  /** The service principal of an application; null when the tenant has none. Throws Stop. */
  read(appId: string): Promise<ServicePrincipal | null>;
  /** The keys of an application of the tenant itself, read only; null when the tenant has none of this id. Throws Stop. */
  readApplication(appId: string): Promise<KeyHolder | null>;
  /** What the service principal of a resource offers to applications; null when the tenant has none. Throws Stop. */
  readOfferedRoles(appId: string): Promise<OfferedRoles | null>;
  /** The application permissions with consent, of an application's service principal; null when it has none. Throws Stop. */
  readConsents(appId: string): Promise<readonly Consented[] | null>;
  /** Makes one change. Throws Stop with a named reason. */
  write(call: GraphCall): Promise<GraphOutcome>;
  /** Registers keys that an earlier process of this run added: the next write waits until Graph shows them. */
  expect(appId: string, thumbprints: readonly string[]): void;
  /** Who the token acts as: a user name or an application id. */
  readonly actor: () => string;
  /** How far Graph's clock is ahead of ours, milliseconds; null before the first answer. */
  readonly clockSkewMs?: () => number | null;
}

export interface OfferedRoles {
  /** Object id of the service principal. */
  readonly id: string;
  readonly roles: readonly { readonly id: string; readonly value: string }[];
}

/** One appRoleAssignment: a permission with an administrator's consent. */
export interface Consented {
  /** Object id of the resource's service principal. */
  readonly resourceId: string;
  readonly roleId: string;
}

export interface GraphOutcome {
  /** False: Graph accepted the write, but its replicas did not show it in time. */
  readonly isConfirmed: boolean;
  /** False: it was already there when the run was about to write it. */
  readonly isOurs: boolean;
  readonly after: ServicePrincipal | null;
  /** Keys of others that existed before the write and are missing after it. */
  readonly lost: readonly KeyCredential[];
  /** For the person, when the write differs from the plan: for example dates that Graph refused. */
  readonly note?: string;
}

export interface KeyCredential {
  readonly keyId: string;
  readonly customKeyIdentifier: string | null;
  readonly displayName: string | null;
  readonly type: string;
  readonly usage: string;
  readonly startDateTime: string | null;
  readonly endDateTime: string | null;
  /** Base64; Graph gives it only for a single object read with `$select=keyCredentials`. */
  readonly key: string | null;
  /** All fields as received; a write sends them back unchanged. */
  readonly asRead: Readonly<Record<string, unknown>>;
}

/** A service principal or an application: both hold keys. */
export interface KeyHolder {
  readonly appId: string;
  readonly displayName: string;
  readonly keys: readonly KeyCredential[];
}

export interface ServicePrincipal extends KeyHolder {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly names: readonly string[];
}
