// The tenant's service principals as Microsoft Graph keeps them: a PATCH replaces arrays, replicas lag behind. Written from
// Graph's documentation and reports of its answers, not from this program's own client.
import { createHash, randomUUID, X509Certificate } from "node:crypto";

export interface StoredKey {
  readonly keyId: string;
  readonly customKeyIdentifier: string | null;
  readonly displayName: string | null;
  readonly type: string;
  readonly usage: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** Base64. */
  readonly key: string | null;
}

export interface StoredPrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly servicePrincipalNames: readonly string[];
  readonly keyCredentials: readonly StoredKey[];
  /** What the principal offers to applications; left out: nothing. */
  readonly appRoles?: readonly StoredRole[];
  /** The permissions with an administrator's consent; left out: none. */
  readonly appRoleAssignments?: readonly StoredConsent[];
}

export interface StoredRole {
  readonly id: string;
  readonly value: string;
}

export interface StoredConsent {
  readonly appRoleId: string;
  /** Object id of the principal that offers the role. */
  readonly resourceId: string;
}

/** An application of the tenant itself. It holds the keys; its service principal shows none of them. */
export type StoredApplication = Pick<StoredPrincipal, "id" | "appId" | "displayName" | "keyCredentials">;

/** The answer to a write: nothing, or an error with Graph's text. */
export type WriteAnswer =
  | { readonly status: 201 | 204 }
  | { readonly status: 400 | 403 | 404; readonly code: string; readonly message: string };

export interface PrincipalStore {
  /** Reads by object id or application id, from the replica whose turn it is. */
  read(address: { readonly id: string } | { readonly appId: string }): StoredPrincipal | undefined;
  /** The true state, independent of the replicas. */
  now(appId: string): StoredPrincipal | undefined;
  put(principal: StoredPrincipal): void;
  application(appId: string): StoredApplication | undefined;
  putApplication(application: StoredApplication): void;
  patch(id: string, body: Readonly<Record<string, unknown>>): WriteAnswer;
  create(appId: string): WriteAnswer;
  remove(id: string): WriteAnswer;
}

export interface StoreOptions {
  readonly now: () => number;
  /** How far each replica lags behind, in milliseconds; reads take turns. Default: one that does not lag. */
  readonly replicaLagsMs?: readonly number[];
  /** `one-year` refuses a key that ends later than a year after its start, as one page of the documentation says. */
  readonly dates?: "any" | "one-year";
  /** Objects that have existed for long: every replica shows them. */
  readonly principals?: readonly StoredPrincipal[];
  /** Applications that may not be created. */
  readonly forbidden?: readonly string[];
  /** A refusal of a write, as by a policy of the tenant; undefined lets it through. */
  readonly refuse?: (write: {
    readonly operation: "create" | "patch";
    readonly appId: string;
  }) => WriteAnswer | undefined;
}

/** Creates a store that answers as Graph does. */
export function createPrincipalStore(options: StoreOptions): PrincipalStore {
  const history: { readonly at: number; readonly all: ReadonlyMap<string, StoredPrincipal> }[] = [];
  history.push({ at: 0, all: new Map((options.principals ?? []).map((each) => [each.id, each])) });
  const applications = new Map<string, StoredApplication>();
  const lags = options.replicaLagsMs ?? [0];
  let reads = 0;
  const latest = (): ReadonlyMap<string, StoredPrincipal> => history.at(-1)?.all ?? new Map();
  const asSeenBy = (lagMs: number): ReadonlyMap<string, StoredPrincipal> =>
    history.findLast(({ at }) => at <= options.now() - lagMs)?.all ?? new Map();
  const put = (principal: StoredPrincipal): void => {
    const at = options.now();
    history.push({ at, all: new Map([...latest(), [principal.id, principal]]) });
  };
  return {
    read(address) {
      const all = asSeenBy(lags[reads % lags.length] ?? 0);
      reads += 1;
      return find(all, address);
    },
    now: (appId) => find(latest(), { appId }),
    put,
    application: (appId) => applications.get(appId),
    putApplication: (application) => void applications.set(application.appId, application),
    patch(id, body) {
      const found = latest().get(id);
      if (found === undefined) return notFound;
      const refused = options.refuse?.({ operation: "patch", appId: found.appId });
      if (refused !== undefined) return refused;
      const keys = Object.hasOwn(body, "keyCredentials")
        ? replaceKeys(found.keyCredentials, body.keyCredentials, options)
        : found.keyCredentials;
      if (!isKeyList(keys)) return keys;
      const names = body.servicePrincipalNames;
      put({
        ...found,
        keyCredentials: keys,
        servicePrincipalNames: Array.isArray(names) ? names.map(String) : found.servicePrincipalNames,
      });
      return { status: 204 };
    },
    create(appId) {
      const refused = options.refuse?.({ operation: "create", appId });
      if (refused !== undefined) return refused;
      if (options.forbidden?.includes(appId) === true)
        return badRequest("Request_BadRequest", "The appId cannot be used to create a service principal.");
      if (find(latest(), { appId }) !== undefined)
        return badRequest("Request_MultipleObjectsWithSameKeyValue", "The service principal exists already.");
      put({
        id: randomUUID(),
        appId,
        displayName: appId,
        accountEnabled: true,
        servicePrincipalNames: [appId],
        keyCredentials: [],
      });
      return { status: 201 };
    },
    remove(id) {
      if (!latest().has(id)) return notFound;
      history.push({ at: options.now(), all: new Map([...latest()].filter(([each]) => each !== id)) });
      return { status: 204 };
    },
  };
}

function find(
  all: ReadonlyMap<string, StoredPrincipal>,
  address: { readonly id: string } | { readonly appId: string },
): StoredPrincipal | undefined {
  if ("id" in address) return all.get(address.id);
  return [...all.values()].find((principal) => principal.appId === address.appId);
}

const notFound: WriteAnswer = { status: 404, code: "Request_ResourceNotFound", message: "Resource does not exist." };

function badRequest(code: string, message: string): WriteAnswer {
  return { status: 400, code, message };
}

function isKeyList(value: readonly StoredKey[] | WriteAnswer): value is readonly StoredKey[] {
  return Array.isArray(value);
}

/** The array after a PATCH: entries with a known id must be unchanged, entries without one are new, all others are removed. */
function replaceKeys(
  held: readonly StoredKey[],
  sent: unknown,
  options: StoreOptions,
): readonly StoredKey[] | WriteAnswer {
  if (!Array.isArray(sent)) return badRequest("Request_BadRequest", "keyCredentials must be a collection.");
  const result: StoredKey[] = [];
  for (const entry of sent as readonly Readonly<Record<string, unknown>>[]) {
    const key = entry.keyId === undefined ? newKey(entry, options) : keptKey(held, entry);
    if ("status" in key) return key;
    result.push(key);
  }
  return result;
}

function keptKey(held: readonly StoredKey[], entry: Readonly<Record<string, unknown>>): StoredKey | WriteAnswer {
  const old = held.find((key) => key.keyId === entry.keyId);
  const id = String(entry.keyId);
  if (old === undefined) return badRequest("Request_BadRequest", `Credential with KeyId '${id}' does not exist.`);
  const fields = ["customKeyIdentifier", "type", "usage", "startDateTime", "endDateTime"] as const;
  const isSame = fields.every((field) => entry[field] === undefined || entry[field] === old[field]);
  // A display name counts as a change, whatever its value; so do bytes that differ from the stored ones.
  const isUntouched = entry.displayName === undefined && (entry.key === undefined || entry.key === old.key);
  if (isSame && isUntouched) return old;
  return badRequest("Request_BadRequest", `Update to existing credential with KeyId '${id}' is not allowed.`);
}

function newKey(entry: Readonly<Record<string, unknown>>, options: StoreOptions): StoredKey | WriteAnswer {
  if (typeof entry.key !== "string")
    return badRequest("Request_BadRequest", "New credentials need a value for the property 'key'.");
  const certificate = readCertificate(entry.key);
  if (certificate === null) return badRequest("Request_BadRequest", "Key credential value is not a valid certificate.");
  const begins = new Date(Date.parse(certificate.validFrom)).toISOString();
  const ends = new Date(Date.parse(certificate.validTo)).toISOString();
  const [start, end] = [String(entry.startDateTime ?? begins), String(entry.endDateTime ?? ends)];
  if (Date.parse(start) < Date.parse(begins) || Date.parse(end) > Date.parse(ends))
    return badRequest("Request_BadRequest", "Key credential end date is invalid.");
  const year = 366 * 86_400_000;
  if (options.dates === "one-year" && entry.endDateTime !== undefined && Date.parse(end) - Date.parse(start) > year)
    return badRequest(
      "Request_BadRequest",
      "The property 'endDateTime' must be at most one year after the start date.",
    );
  return {
    keyId: randomUUID(),
    customKeyIdentifier: createHash("sha1").update(certificate.raw).digest("hex").toUpperCase(),
    displayName: typeof entry.displayName === "string" ? entry.displayName : null,
    type: String(entry.type ?? "AsymmetricX509Cert"),
    usage: String(entry.usage ?? "Verify"),
    startDateTime: start,
    endDateTime: options.dates === "one-year" ? new Date(Date.parse(start) + year - 86_400_000).toISOString() : end,
    key: entry.key,
  };
}

function readCertificate(base64: string): X509Certificate | null {
  try {
    return new X509Certificate(Buffer.from(base64, "base64"));
  } catch {
    return null;
  }
}
