// The servers of today's handshake must be able to refuse. Each is called directly, without a proxy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appOnlyToken, clientAssertion } from "../../src/lab/entra-tokens.ts";
import { entraRequest } from "../../src/lab/exchange-calls.ts";
import { graphCalls, graphRequest } from "../../src/lab/graph-mailboxes.ts";
import { type Answer, type Client, type ClientRequest, openClient } from "../../src/lab/https-client.ts";
import { makeLabKeys, type SigningKey } from "../../src/lab/keys.ts";
import { applications, entraName, entraPaths, exchangeName, hybridRoles } from "../../src/lab/names.ts";
import type { LabEndpoint } from "../../src/lab/play-scenario.ts";
import { type Lab, startLab } from "../../src/lab/start-lab.ts";

const open: Client[] = [];
const labs: Lab[] = [];
afterAll(async () => {
  for (const client of open) client.close();
  await Promise.all(labs.map((lab) => lab.stop()));
});

async function start(scenario: string): Promise<Lab> {
  const lab = await startLab({ scenario });
  labs.push(lab);
  return lab;
}

async function send(lab: Lab, { name, host, port }: LabEndpoint, request: ClientRequest): Promise<Answer> {
  const client = await openClient({ name, connectTo: { host, port }, isProxy: false, trust: lab.certificatePem });
  open.push(client);
  return client.send(request);
}

let lab: Lab;
let stranger: SigningKey;
beforeAll(async () => {
  [lab, { unpublished: stranger }] = await Promise.all([start("teams-first-leg"), makeLabKeys(["stranger.example"])]);
});

const now = Math.floor(Date.now() / 1000);
const times = { notBefore: now, expires: now + 600 };

describe("Entra", () => {
  test("names the address of its keys, which have their certificates", async () => {
    const { body } = await send(lab, lab.entra, { method: "GET", path: entraPaths.configuration, headers: {} });
    const { jwks_uri: address } = JSON.parse(body) as { jwks_uri: string };
    const keys = await send(lab, lab.entra, { method: "GET", path: new URL(address).pathname, headers: {} });
    expect(JSON.parse(keys.body)).toMatchObject({ keys: [{ kty: "RSA", use: "sig", x5c: [expect.any(String)] }] });
  });

  test("refuses an assertion that another key signed, with the code of Entra", async () => {
    const audience = `https://${entraName}${entraPaths.tokenV2}`;
    const assertion = await clientAssertion(applications.dedicatedHybrid, audience, stranger, times);
    const answer = await send(
      lab,
      lab.entra,
      entraRequest(entraPaths.tokenV2, assertion, "https://graph.microsoft.com"),
    );
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ error: "invalid_client", error_codes: [700027] });
    expect(answer.body).not.toContain("access_token");
  });

  test("does not know another application", async () => {
    const form = "grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555&scope=x";
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await send(lab, lab.entra, { method: "POST", path: entraPaths.tokenV2, headers, body: form });
    expect(JSON.parse(answer.body)).toMatchObject({ error_codes: [700016] });
  });
});

describe("a token that Entra did not sign", () => {
  const forged = (audience: string): Promise<string> =>
    appOnlyToken(
      {
        version: "v1",
        app: applications.dedicatedHybrid,
        audience,
        roles: [...hybridRoles.graph, ...hybridRoles.exchangeOnline],
        times,
        hasNonce: false,
      },
      stranger,
    );

  test.each(graphCalls)("is refused by Graph for $label", async (call) => {
    const answer = await send(lab, lab.graph, graphRequest(call, await forged("https://graph.microsoft.com")));
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "InvalidAuthenticationToken" } });
    expect(answer.headers["request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("is refused by Exchange Online", async () => {
    const headers = { Authorization: `Bearer ${await forged("https://outlook.office365.com")}` };
    const answer = await send(lab, lab.exchangeOnline, { method: "POST", path: "/EWS/Exchange.asmx", headers });
    expect(answer.status).toBe(401);
    expect(String(answer.headers["www-authenticate"])).toContain(`client_id="${applications.exchange}"`);
  });
});

test("Exchange gives the address of EWS without sign-in, and nothing else", async () => {
  const lookUp = (protocol: string): Promise<Answer> => {
    const path = `/autodiscover/autodiscover.json?Email=megan.bowen@contoso.example&Protocol=${protocol}`;
    return send(lab, lab.exchange, { method: "GET", path, headers: {} });
  };
  const found = await lookUp("EWS");
  expect(found.status).toBe(200);
  expect(JSON.parse(found.body)).toEqual({ Protocol: "EWS", Url: `https://${exchangeName}/EWS/Exchange.asmx` });
  expect(found.headers["x-owa-version"]).toBe("15.2.2562.41");
  expect((await lookUp("Nothing")).status).toBe(400);
  const ews = await send(lab, lab.exchange, { method: "POST", path: "/EWS/Exchange.asmx", headers: {} });
  expect(ews.status).toBe(401);
});
