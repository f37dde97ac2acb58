// A second administrator changes the same service principal between any two requests, with any answers of Graph: nothing that
// they added is lost, and nothing that they removed comes back.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { GraphFault } from "../../src/lab/cloud/graph-faults.ts";
import type { StoredKey } from "../../src/lab/cloud/principal-store.ts";
import { createGraph } from "../../src/provisioning/graph/graph.ts";
import { createGraphClient } from "../../src/provisioning/graph/graph-client.ts";
import { readCertificate } from "../../src/provisioning/model/certificate.ts";
import type { GraphCall } from "../../src/provisioning/model/change.ts";
import { Stop } from "../../src/provisioning/model/stop.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import {
  appIds,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
  storedKey,
} from "../support/provisioning-lab.ts";

const certificate = authCertificate();
const { thumbprint, der, notBefore, notAfter } = readCertificate(certificate, "test");
const ours = { thumbprint, der, notBefore, notAfter, displayName: "ours" };
const theirs = Array.from({ length: 12 }, () => authCertificate());
const appId = appIds.voicemail;

const withoutEffect: readonly GraphFault["kind"][] = [
  { status: 429, retryAfter: "6" },
  { status: 429, retryAfter: null },
  { status: 503, retryAfter: "6" },
  { status: 503, retryAfter: null },
  { status: 401 },
  { status: 409 },
  { status: 412 },
  { status: 500 },
  { status: 502 },
  { status: 504 },
  "dropped",
  "concurrency-violation",
];
const anyFault = fc.constantFrom<GraphFault["kind"]>(...withoutEffect, "done-but-504", "done-but-dropped");

/** What the second administrator does while a request is in flight. */
type Act = "add-key" | "remove-key" | "add-name" | "remove-name" | "nothing";
const act = fc.constantFrom<Act>("add-key", "add-name", "remove-key", "remove-name", "nothing");
/** One for each read and one for each write, in their order. */
const acts = fc.record({
  reads: fc.array(act, { maxLength: 12 }),
  writes: fc.array(act, { minLength: 4, maxLength: 4 }),
});
type Acts = { readonly reads: readonly Act[]; readonly writes: readonly Act[] };
const operation = fc.constantFrom("add-keys", "remove-keys", "add-names", "remove-names");

interface Second {
  readonly keys: StoredKey[];
  readonly names: string[];
}

/** Lets the second administrator act on every request but a PATCH that is carried out: that window Graph leaves open. */
function letAct(lab: ProvisioningLab, planned: Acts, faults: readonly GraphFault["kind"][]): Second {
  const second: Second = { keys: [storedKey(theirs[0] ?? certificate)], names: ["https://theirs.example"] };
  let read = 0;
  let patch = 0;
  lab.cloud.onRequest(({ method }) => {
    const fault = faults[patch];
    const isCarriedOut = fault === undefined || fault === "done-but-504" || fault === "done-but-dropped";
    const next = method === "PATCH" ? planned.writes[patch++] : planned.reads[read++];
    if (next === undefined || next === "nothing" || (method === "PATCH" && isCarriedOut)) return;
    const now = lab.cloud.store.now(appId);
    if (now === undefined) return;
    const mine = new Set(second.keys.map(({ keyId }) => keyId));
    if (next === "add-key") second.keys.push(storedKey(theirs[second.keys.length % theirs.length] ?? certificate));
    if (next === "remove-key") second.keys.pop();
    if (next === "add-name") second.names.push(`https://theirs-${read}-${patch}.example`);
    if (next === "remove-name") second.names.pop();
    const others = now.keyCredentials.filter(({ keyId }) => !mine.has(keyId));
    const otherNames = now.servicePrincipalNames.filter((name) => !name.includes("theirs"));
    lab.cloud.store.put({
      ...now,
      keyCredentials: [...second.keys, ...others],
      servicePrincipalNames: [...otherNames, ...second.names],
    });
  });
  return second;
}

test("any write, any faults, any second administrator: the entries of others are unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(
      operation,
      fc.array(anyFault, { minLength: 1, maxLength: 4 }),
      acts,
      async (what, faults, planned) => {
        const lab = await startProvisioningLab({ certificate });
        const { ports } = await openLab(lab, { settings: lab.settings({ only: "cloud" }) });
        const own = storedKey(certificate);
        const start = principal(appId);
        const second = letAct(lab, planned, faults);
        const isRemoving = what === "remove-keys";
        lab.cloud.store.put({
          ...start,
          servicePrincipalNames: [...start.servicePrincipalNames, ...second.names],
          keyCredentials: [...second.keys, ...(isRemoving ? [own] : [])],
        });
        lab.cloud.faults.add(...faults.map((kind) => ({ method: "PATCH", kind }) as const));
        const call: GraphCall =
          what === "add-keys"
            ? { via: "graph", operation: what, appId, keys: [ours], arrayDigest: null }
            : what === "remove-keys"
              ? { via: "graph", operation: what, appId, keyIds: [own.keyId], arrayDigest: null }
              : {
                  via: "graph",
                  operation: what,
                  appId,
                  names: [what === "add-names" ? "https://new.example" : "https://mail.contoso.example"],
                  arrayDigest: null,
                };
        const outcome = await ports.graph?.write(call).catch((error: unknown) => {
          if (error instanceof Stop) return error;
          throw error;
        });
        const left = lab.cloud.store.now(appId);
        const foreign = left?.keyCredentials.filter(({ key }) => key !== der) ?? [];
        expect(foreign.toSorted(byId)).toEqual(second.keys.toSorted(byId));
        expect(left?.servicePrincipalNames.filter((name) => name.includes("theirs"))).toEqual(second.names);
        if (outcome instanceof Stop) return;
        const isHeld = left?.keyCredentials.filter(({ key }) => key === der).length;
        if (what === "add-keys" || what === "remove-keys") expect(isHeld).toBe(isRemoving ? 0 : 1);
      },
    ),
    { numRuns: Number(process.env.REALMSCOPE_SCHEDULES ?? 60) },
  );
}, 240_000);

function byId(a: StoredKey, b: StoredKey): number {
  return a.keyId < b.keyId ? -1 : 1;
}

function addKey(lab: ProvisioningLab, key: StoredKey): void {
  const now = lab.cloud.store.now(appIds.skype);
  if (now !== undefined) lab.cloud.store.put({ ...now, keyCredentials: [...now.keyCredentials, key] });
}

test.each(withoutEffect.map((kind) => [kind]))(
  "apply: a key that is added while a PATCH is answered %j stays, and the run stops: the plan did not see it",
  async (kind) => {
    const foreign = storedKey(authCertificate());
    const lab = await startProvisioningLab();
    lab.cloud.faults.add({ method: "PATCH", kind });
    const opened = await openLab(lab);
    let isFirst = true;
    lab.cloud.onRequest(({ method }) => {
      if (method === "PATCH" && isFirst) {
        isFirst = false;
        addKey(lab, foreign);
      }
    });
    const { reason } = await opened.apply();
    expect(["state-moved", "effect-unknown"]).toContain(reason?.code);
    expect(reason?.message).toContain("changed by someone else since the plan, while this run was writing");
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([foreign]);
    expect(lab.cloud.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  },
);

test.each(withoutEffect.map((kind) => [kind]))(
  "undo: a key that is added while a PATCH is answered %j stays, and ours goes",
  async (kind) => {
    const foreign = storedKey(authCertificate());
    const lab = await startProvisioningLab();
    const opened = await openLab(lab);
    await opened.apply();
    lab.cloud.faults.add({ method: "PATCH", kind });
    let isFirst = true;
    lab.cloud.onRequest(({ method }) => {
      if (method === "PATCH" && isFirst) {
        isFirst = false;
        addKey(lab, foreign);
      }
    });
    expect((await opened.undo()).how).toBe("finished");
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([foreign]);
  },
);

test("a sign-in that takes minutes before a write: the list is read again, and a key added meanwhile stays", async () => {
  const foreign = storedKey(authCertificate());
  const lab = await startProvisioningLab();
  const tokens = [await lab.cloud.token(), await lab.cloud.token({ lifeSeconds: 1800 })];
  let asked = 0;
  const client = createGraphClient({
    origin: lab.cloud.graphUrl,
    tokens: {
      // The first token serves the two reads; then it is too near its end, and a person signs in.
      token: () => {
        asked += 1;
        if (asked === 3) addKey(lab, foreign);
        return Promise.resolve(tokens[asked < 3 ? 0 : 1] ?? "");
      },
      actor: () => "",
    },
    fetch,
    now: Date.now,
    wait: () => Promise.resolve(),
    random: () => 0,
    hide: (text) => text,
  });
  const graph = createGraph({ client, actor: () => "", now: Date.now, wait: () => Promise.resolve() });
  const call: GraphCall = { via: "graph", operation: "add-keys", appId: appIds.skype, keys: [ours], arrayDigest: null };
  expect(await graph.write(call)).toMatchObject({ isConfirmed: true, isOurs: true, lost: [] });
  const held = lab.cloud.store.now(appIds.skype)?.keyCredentials ?? [];
  expect(held.map(({ key }) => key)).toEqual([foreign.key, der]);
});

test("replicas that never agree are not overwritten: the run stops and reports it", async () => {
  const foreign = storedKey(authCertificate());
  const lab = await startProvisioningLab({ cloud: { store: { replicaLagsMs: [0, 3_600_000] } } });
  addKey(lab, foreign);
  const { ports } = await openLab(lab, { settings: lab.settings({ only: "cloud" }) });
  const call: GraphCall = { via: "graph", operation: "add-keys", appId: appIds.skype, keys: [ours], arrayDigest: null };
  await expect(ports.graph?.write(call)).rejects.toMatchObject({
    reason: { code: "state-moved", message: expect.stringMatching(/differ from read to read/) },
  });
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([foreign]);
});

test("a service principal that a run made is not deleted once others have put keys on it", async () => {
  const foreign = storedKey(authCertificate());
  const lab = await startProvisioningLab({ principals: [appIds.exchange] });
  const opened = await openLab(lab);
  await opened.apply(undefined, { consents: new Set(["create-service-principal"]) });
  addKey(lab, foreign);
  const undone = await opened.undo(["destructive"]);
  expect(undone.reason?.message).toMatch(/it holds 1 keys/);
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([foreign]);
});

test.each([{ status: 429, retryAfter: "6" }, { status: 503, retryAfter: null }, { status: 401 }] as const)(
  "the creation of a service principal is looked for before it is sent again after %j",
  async (kind) => {
    const lab = await startProvisioningLab({ principals: [appIds.exchange] });
    lab.cloud.faults.add({ method: "POST", kind });
    const opened = await openLab(lab);
    lab.cloud.onRequest(({ method }) => {
      if (method === "POST" && lab.cloud.store.now(appIds.skype) === undefined)
        lab.cloud.store.put(principal(appIds.skype));
    });
    const consents = new Set(["create-service-principal"] as const);
    expect((await opened.apply(undefined, { consents })).how).toBe("finished");
    expect(lab.cloud.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  },
);
