// The cloud half of the edge cases of the design, by their numbers.
import { expect, test } from "vitest";
import { exitCodeOfRun, exitCodeOfVerification } from "../../../src/cli/provision/provision-exit.ts";
import { itemsOf, type Plan, type PlanStep } from "../../../src/provisioning/engine/plan.ts";
import { readRunJournal } from "../../../src/provisioning/engine/run-journal.ts";
import { createGraphClient } from "../../../src/provisioning/graph/graph-client.ts";
import { checkToken } from "../../../src/provisioning/sign-in/check-token.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import {
  appIds,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
  storedKey,
} from "../../support/provisioning-lab.ts";

const keyStep = `s5.key.${appIds.skype}`;

function stepIn(plan: Plan, id: string): PlanStep {
  const step = plan.steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`the plan has no step ${id}`);
  return step;
}

function keysOf(lab: ProvisioningLab, appId: string = appIds.skype) {
  return lab.cloud.store.now(appId)?.keyCredentials ?? [];
}

function writes(lab: ProvisioningLab) {
  return lab.cloud.requests.filter((request) => request.method !== "GET");
}

test("14: the key exists under another key id: no change", async () => {
  const certificate = authCertificate();
  const lab = await startProvisioningLab({ certificate, keys: [storedKey(certificate)] });
  expect(stepIn(await (await openLab(lab)).plan(), keyStep)).toMatchObject({ status: "done", items: [] });
});

test("15: the same certificate twice: a warning, and a clean-up only on request", async () => {
  const certificate = authCertificate();
  const keys = [storedKey(certificate), storedKey(certificate), storedKey(authCertificate())];
  const lab = await startProvisioningLab({ certificate, keys });
  const opened = await openLab(lab);
  const step = stepIn(await opened.plan(), keyStep);
  expect(step.items).toEqual([]);
  expect(step.notes.join()).toMatch(/2 times; --remove-duplicate-keys/);
  expect((await opened.verify()).rotation).toMatchObject([{ kind: "duplicate" }]);
  const cleaning = await openLab(lab, { settings: lab.settings({ removeDuplicateKeys: true }) });
  const plan = await cleaning.plan();
  expect(stepIn(plan, keyStep).items).toMatchObject([{ change: "delete", call: { keyIds: [keys[1]?.keyId] } }]);
  await cleaning.apply(plan);
  expect(keysOf(lab).map((key) => key.keyId)).toEqual([keys[0]?.keyId, keys[2]?.keyId]);
  expect(itemsOf(await cleaning.plan())).toEqual([]);
});

test("16: equal dates with other bytes do not match, although they would in step 6 of the page", async () => {
  const certificate = authCertificate();
  const namesake = storedKey(authCertificate());
  const lab = await startProvisioningLab({ certificate, keys: [namesake] });
  const ours = storedKey(certificate);
  expect([namesake.startDateTime, namesake.endDateTime]).toEqual([ours.startDateTime, ours.endDateTime]);
  const opened = await openLab(lab);
  expect(stepIn(await opened.plan(), keyStep).items).toHaveLength(1);
  expect((await opened.verify()).rows.find((row) => row.id === keyStep)?.verdict).not.toBe("ok");
});

test("keys that several applications lack are polled together: two minutes for all, not for each", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  const before = lab.clock.now();
  const { rows } = await opened.verify();
  const keys = rows.filter(({ id }) => id.startsWith("s5.key."));
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys.map(({ verdict }) => verdict))).toEqual(new Set(["unverified"]));
  expect(lab.clock.now() - before).toBeGreaterThan(120_000);
  expect(lab.clock.now() - before).toBeLessThan(200_000);
});

test("17: the certificate is on Exchange Online but not on Skype for Business: explained, added there, not deleted", async () => {
  const certificate = authCertificate();
  const lab = await startProvisioningLab({ certificate });
  lab.cloud.store.put(principal(appIds.exchange, [storedKey(certificate)]));
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, "s1.d").notes.join()).toMatch(/until February 2019 Microsoft's page named the wrong application/);
  await opened.apply(plan);
  expect(keysOf(lab, appIds.exchange)).toHaveLength(1);
  expect(keysOf(lab)).toHaveLength(1);
});

test("18: seven foreign keys are intact after apply and after undo", async () => {
  const foreign = Array.from({ length: 7 }, (_, number) => storedKey(authCertificate({ name: `foreign ${number}` })));
  const lab = await startProvisioningLab({ keys: foreign });
  const opened = await openLab(lab);
  await opened.apply();
  expect(keysOf(lab).slice(0, 7)).toEqual(foreign);
  expect(keysOf(lab)).toHaveLength(8);
  await opened.undo();
  expect(keysOf(lab)).toEqual(foreign);
});

test("19: a foreign key with a display name of special characters is sent back without it, and accepted", async () => {
  const foreign = storedKey(authCertificate(), { displayName: 'CN="Größe" <&>’ \u202e☃' });
  const lab = await startProvisioningLab({ keys: [foreign] });
  await (await openLab(lab)).apply();
  expect(keysOf(lab)[0]).toEqual(foreign);
  const [body] = writes(lab).map((request) => request.body as { readonly keyCredentials: readonly object[] });
  const sent = body?.keyCredentials ?? [];
  expect(sent[0]).not.toHaveProperty("displayName");
  expect(sent[0]).not.toHaveProperty("key");
  expect(sent[1]).not.toHaveProperty("keyId");
});

test("20: another administrator adds a key after the plan: stopped before the write, nothing overwritten", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  const added = storedKey(authCertificate());
  const result = await opened.apply(undefined, {
    onEvent: (event) => {
      if (event.event === "item-started" && event.id.startsWith(keyStep))
        lab.cloud.store.put(principal(appIds.skype, [added]));
    },
  });
  expect(result.reason).toMatchObject({
    code: "state-moved",
    hint: expect.stringMatching(/A short window between/),
  });
  expect(keysOf(lab)).toEqual([added]);
});

test("20: a key that another writer took off in the same moment is listed, and put back from its bytes on request", async () => {
  const foreign = storedKey(authCertificate(), { displayName: "theirs" });
  const lab = await startProvisioningLab({ keys: [foreign] });
  const opened = await openLab(lab);
  let writer = true;
  lab.cloud.onRequest(({ method }) => {
    // Just after our PATCH, before our read: somebody writes an array without the foreign key.
    if (method !== "GET" || !writer || writes(lab).length === 0) return;
    writer = false;
    lab.cloud.store.put(
      principal(
        appIds.skype,
        keysOf(lab).filter((key) => key.keyId !== foreign.keyId),
      ),
    );
  });
  const result = await opened.apply();
  expect(result.reason).toMatchObject({
    code: "graph-key-lost",
    message: expect.stringContaining(foreign.keyId),
    hint: expect.stringContaining("--restore-keys"),
  });
  expect(opened.events).toContainEqual({ event: "keys-lost", appId: appIds.skype, keyIds: [foreign.keyId] });
  expect((await opened.resume({ mayRestoreKeys: true })).how).toBe("finished");
  expect(keysOf(lab).map((key) => [key.key, key.displayName])).toContainEqual([foreign.key, "theirs"]);
  expect(keysOf(lab)).toHaveLength(2);
});

test.each(["done-but-504", "done-but-dropped"] as const)(
  "21: the PATCH is %s: found by reading, not sent again",
  async (kind) => {
    const lab = await startProvisioningLab({ keys: [storedKey(authCertificate())] });
    lab.cloud.faults.add({ method: "PATCH", kind });
    const opened = await openLab(lab);
    expect((await opened.apply()).how).toBe("finished");
    expect(writes(lab)).toHaveLength(1);
    expect(keysOf(lab)).toHaveLength(2);
    await opened.undo();
    expect(keysOf(lab)).toHaveLength(1);
  },
);

test.each([
  ["dropped", "dropped"],
  ["answered 504", { status: 504 }],
] as const)("21: a PATCH that was %s without effect is sent again after reading", async (_name, kind) => {
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "PATCH", kind });
  expect((await (await openLab(lab)).apply()).how).toBe("finished");
  expect(writes(lab)).toHaveLength(2);
  expect(keysOf(lab)).toHaveLength(1);
});

test("22: a missing service principal is an item of its own that needs its own consent", async () => {
  const lab = await startProvisioningLab({ principals: [appIds.exchange] });
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, keyStep).items).toMatchObject([
    { change: "create", consent: "create-service-principal", call: { operation: "create-service-principal" } },
    { change: "modify", consent: null, call: { operation: "add-keys" } },
  ]);
  await expect(opened.apply(plan)).rejects.toMatchObject({ reason: { code: "not-allowed" } });
  expect(writes(lab)).toEqual([]);
  const result = await opened.apply(plan, { consents: new Set(["create-service-principal"]) });
  expect(result.how).toBe("finished");
  expect(keysOf(lab)).toHaveLength(1);
});

test("22: Microsoft refuses to create it: a named stop", async () => {
  const lab = await startProvisioningLab({ principals: [], cloud: { store: { forbidden: [appIds.skype] } } });
  const opened = await openLab(lab);
  const result = await opened.apply(undefined, { consents: new Set(["create-service-principal"]) });
  expect(result.reason).toMatchObject({ code: "graph-error", hint: expect.stringContaining("script") });
});

test("23: 403 on PATCH stops at once, names both possible causes, and is not retried", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab, { token: () => lab.cloud.token({ permissions: "Application.Read.All" }) });
  const result = await opened.apply();
  expect(result.reason?.code).toBe("graph-forbidden");
  expect(result.reason?.hint).toMatch(/role.*first-party service principal.*bundle.*script/);
  expect(writes(lab)).toHaveLength(1);
  expect(exitCodeOfRun(result, null)).toBe(1);
});

test("24: a replica that lags 90 seconds is polled until it agrees", async () => {
  const lab = await startProvisioningLab({ cloud: { store: { replicaLagsMs: [90_000] } } });
  const opened = await openLab(lab);
  const result = await opened.apply();
  expect(result).toMatchObject({ how: "finished", unconfirmed: [] });
  expect(lab.clock.waited.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(80_000);
  expect(writes(lab)).toHaveLength(1);
});

test("24: one that lags for longer ends unverified, exit 4, and is not written to again", async () => {
  const lab = await startProvisioningLab({ cloud: { store: { replicaLagsMs: [3_600_000] } } });
  const opened = await openLab(lab);
  const result = await opened.apply();
  expect(result.unconfirmed).toEqual([`${keyStep}.add`]);
  const verification = await opened.verify();
  expect(verification.verdict).toBe("unverified");
  expect(exitCodeOfVerification(verification)).toBe(4);
  expect(exitCodeOfRun(result, verification)).toBe(4);
  expect(writes(lab)).toHaveLength(1);
});

test("25: Retry-After: 3600 is not slept through: stopped, resumable, with the time", async () => {
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 429, retryAfter: "3600" } });
  const opened = await openLab(lab);
  const before = lab.clock.now();
  const result = await opened.apply();
  expect(result.reason).toMatchObject({
    code: "graph-throttled",
    message: expect.stringMatching(/until \d{4}-\d\d-\d\dT/),
  });
  expect(result.reason?.resumeAt).toBeGreaterThanOrEqual(before + 3_600_000);
  expect(lab.clock.waited.every((ms) => ms <= 60_000)).toBe(true);
  expect((await opened.resume()).how).toBe("finished");
  expect(keysOf(lab)).toHaveLength(1);
});

test.each([
  ["seconds", "2", 2000],
  ["an HTTP date", () => new Date(Date.now() + 5000).toUTCString(), 5000],
  ["no header", null, 1000],
] as const)("25: 429 with %s is waited for and sent again", async (_name, header, expected) => {
  const lab = await startProvisioningLab();
  const retryAfter = typeof header === "function" ? header() : header;
  lab.cloud.faults.add(
    { method: "GET", kind: { status: 429, retryAfter } },
    { method: "PATCH", kind: { status: 503, retryAfter } },
  );
  const opened = await openLab(lab);
  expect((await opened.apply()).how).toBe("finished");
  expect(lab.clock.waited.some((ms) => Math.abs(ms - expected) <= 2500)).toBe(true);
  expect(lab.cloud.faults.left()).toBe(0);
});

test.each([
  ["another tenant", { tenant: "00000000-1111-2222-3333-444444444444" }, /for tenant/],
  ["another audience", { audience: "https://management.azure.com" }, /audience/],
  ["no time left", { lifeSeconds: 60 }, /expires in \d+ seconds/],
  ["its end behind it", { lifeSeconds: -10 }, /expired/],
])("26: a token with %s is refused before the first call", async (_name, wish, message) => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab, { token: () => lab.cloud.token(wish) });
  const step = stepIn(await opened.plan(), keyStep);
  expect(step).toMatchObject({
    status: "unknown",
    reason: { code: "token-unfit", message: expect.stringMatching(message) },
  });
  expect(lab.cloud.requests).toEqual([]);
});

test("37: a token whose issuer belongs to another cloud is refused", async () => {
  const lab = await startProvisioningLab();
  const cloud = {
    name: "usgov-l4",
    graph: "https://graph.microsoft.us",
    login: "https://login.microsoftonline.us",
    exchangeOnline: "outlook.office365.us",
  };
  const { tenant } = lab.settings();
  const expected = { cloud, tenant, now: Date.now() };
  const commercial = await lab.cloud.token({
    audience: cloud.graph,
    issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
  });
  expect(() => checkToken(commercial, expected)).toThrow(
    /issuer https:\/\/login\.microsoftonline\.com does not belong to the cloud usgov-l4/,
  );
  const own = await lab.cloud.token({
    audience: cloud.graph,
    issuer: `https://login.microsoftonline.us/${tenant}/v2.0`,
  });
  expect(checkToken(own, expected).actor).toBe("admin@contoso.example");
});

test("38: Graph's clock differs by more than five minutes: reported once", async () => {
  const lab = await startProvisioningLab({ cloud: { clockSkewMs: 11 * 60_000 } });
  const skews: number[] = [];
  const client = createGraphClient({
    origin: lab.cloud.graphUrl,
    tokens: { token: () => lab.cloud.token(), actor: () => "" },
    fetch,
    now: Date.now,
    wait: () => Promise.resolve(),
    random: () => 0,
    hide: (text) => text,
    onClockSkew: (skew) => void skews.push(skew),
  });
  for (const appId of [appIds.skype, appIds.skype]) {
    await client({ method: "GET", path: `/v1.0/servicePrincipals(appId='${appId}')` });
  }
  expect(skews).toHaveLength(1);
  expect(Math.round((skews[0] ?? 0) / 60_000)).toBe(11);
});

test.each([{ status: 409 }, { status: 412 }, "concurrency-violation"] as const)(
  "another writer (%j): read again, sent again",
  async (kind) => {
    const lab = await startProvisioningLab();
    lab.cloud.faults.add({ method: "PATCH", kind });
    expect((await (await openLab(lab)).apply()).how).toBe("finished");
    expect(writes(lab)).toHaveLength(2);
    expect(keysOf(lab)).toHaveLength(1);
  },
);

test("one 401 refreshes the token, a second one stops", async () => {
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "GET", kind: { status: 401 } });
  const opened = await openLab(lab);
  expect(stepIn(await opened.plan(), keyStep).status).toBe("change");
  lab.cloud.faults.add(...Array.from({ length: 8 }, () => ({ method: "GET", kind: { status: 401 } }) as const));
  expect(stepIn(await opened.plan(), keyStep)).toMatchObject({
    status: "unknown",
    reason: { code: "graph-unauthorized" },
  });
});

test("dates that Graph refuses are left out once, and verify accepts what it stored", async () => {
  const lab = await startProvisioningLab({ cloud: { store: { dates: "one-year" } } });
  const opened = await openLab(lab);
  expect((await opened.apply()).how).toBe("finished");
  expect(writes(lab)).toHaveLength(2);
  expect((await opened.verify()).verdict).toBe("ok");
});

test("a run of two keys reads back the first before it writes the second", async () => {
  const lab = await startProvisioningLab({ cloud: { store: { replicaLagsMs: [0, 20_000] } } });
  const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  expect((await opened.apply()).how).toBe("finished");
  expect(keysOf(lab, appIds.voicemail)).toHaveLength(1);
  const receipts = readRunJournal(opened.journalPath).filter((entry) => entry.kind === "receipt");
  expect(receipts.every((receipt) => receipt.isConfirmed)).toBe(true);
});
