// The lab must be able to fail: a demo that always succeeds shows nothing. Its Exchange is called directly, without a proxy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, openClient } from "../../src/lab/https-client.ts";
import {
  applications,
  entraName,
  exchangeName,
  exchangeOnlineName,
  graphName,
  metadataPath,
  sfbOnlineName,
  stsName,
  tenant,
} from "../../src/lab/names.ts";
import { findScenario, scenarios } from "../../src/lab/scenarios.ts";
import { type Lab, startLab } from "../../src/lab/start-lab.ts";

let lab: Lab;
let exchange: Client;
let sts: Client;
beforeAll(async () => {
  lab = await startLab({ scenario: "trust-works" });
  const open = (name: string, connectTo: { host: string; port: number }): Promise<Client> =>
    openClient({ name, connectTo, isProxy: false, trust: lab.certificatePem });
  exchange = await open(exchangeName, lab.exchange);
  sts = await open(stsName, lab.sts);
});
afterAll(async () => {
  exchange.close();
  sts.close();
  await lab.stop();
});

const ews = "/EWS/Exchange.asmx";

test("an empty Bearer is answered with every scheme, each in its own field, and a request id", async () => {
  const answer = await exchange.send({ method: "POST", path: ews, headers: { Authorization: "Bearer" } });
  expect(answer.status).toBe(401);
  expect(answer.headers["request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.stringify(answer.headers)).toMatch(/Bearer client_id=.*trusted_issuers=/);
});

describe("bad tokens are refused with Exchange's error texts", () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: `${applications.exchange}/${exchangeName}@${tenant}`,
    iss: `${applications.sts}@${tenant}`,
    nameid: `${applications.skypeForBusiness}@${tenant}`,
    nbf: now,
    exp: now + 3600,
  };
  const forged = (changes: object, signature = "AAAA"): string =>
    `${part({ alg: "RS256", typ: "JWT", x5t: "x" })}.${part({ ...claims, ...changes })}.${signature}`;

  test.each([
    ["no token at all", "nonsense", "2000001"],
    ["an unsigned one", `${part({ alg: "none" })}.${part(claims)}.`, "2000001"],
    ["a forged signature", forged({}), "2000000"],
    ["an expired one", forged({ nbf: now - 9000, exp: now - 5400 }), "2000002"],
    ["one for another host", forged({ aud: `${applications.exchange}/other.example@${tenant}` }), "2000003"],
  ])("%s", async (_name, token, code) => {
    const answer = await exchange.send({ method: "POST", path: ews, headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
    expect(String(answer.headers["x-ms-diagnostics"])).toMatch(new RegExp(`^${code};reason=`));
  });
});

test("the STS publishes its keys and refuses an assertion that nobody signed", async () => {
  const metadata = await sts.send({ method: "GET", path: metadataPath, headers: {} });
  expect(JSON.parse(metadata.body)).toMatchObject({ issuer: `${applications.sts}@${tenant}` });
  const form = "grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fjwt%2F1.0%2Fbearer&assertion=e30.e30.&resource=x";
  const refused = await sts.send({
    method: "POST",
    path: `/${tenant}/tokens/OAuth/2`,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: form,
  });
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.body).toContain("error");
  expect(refused.body).not.toContain("access_token");
});

test("its servers have certificates of its own root and are on loopback", () => {
  const names = [exchangeName, sfbOnlineName, stsName, entraName, graphName, exchangeOnlineName];
  expect([...lab.resolve.keys()].sort()).toEqual(names.map((name) => `${name}:443`).sort());
  expect([...lab.resolve.values()].every(({ host }) => host === "127.0.0.1")).toBe(true);
});

test("every scenario has its own name, title and end; an unknown name is refused with the list of names", () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  expect(() => findScenario("nothing")).toThrow("nothing");
});
