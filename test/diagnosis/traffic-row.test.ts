// Direction, route and token service of the rows of the table.
import { expect, test } from "vitest";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import {
  actorToken,
  type Exchanged,
  jwt,
  newStory,
  offersAll,
  outlookAgent,
  startSeconds,
  sts,
  tenant,
} from "./story.ts";

const online = "outlook.office365.com";
const application = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";
const entra = jwt(
  { typ: "JWT", alg: "RS256", kid: "k" },
  {
    ...{ aud: "https://graph.microsoft.com", iss: `https://login.microsoftonline.com/${tenant}/v2.0`, ver: "2.0" },
    ...{ azp: application, idtyp: "app", roles: ["Calendars.Read"], tid: tenant },
    ...{ nbf: startSeconds - 60, exp: startSeconds + 3600 },
  },
);
const form: Exchanged["headers"] = [["Content-Type", "application/x-www-form-urlencoded"]];

test.each<[string, Exchanged, object]>([
  [
    "a call to Exchange Server",
    { authorization: `Bearer ${actorToken()}` },
    { direction: "inbound", route: "ews", tokenService: "acs" },
  ],
  [
    "a probe, which has no token",
    { authorization: "Bearer", status: 401, answer: offersAll },
    { direction: "inbound", route: "ews", tokenService: null },
  ],
  [
    "a call to Graph",
    { host: "graph.microsoft.com", path: "/v1.0/me", agent: "", authorization: `Bearer ${entra}` },
    { direction: "outbound", route: "graph", tokenService: "entra-v2" },
  ],
  [
    "a call to EWS of Exchange Online with a token of ACS",
    { host: online, agent: "", authorization: `Bearer ${actorToken({ host: online })}` },
    { direction: "outbound", route: "ews", tokenService: "acs" },
  ],
  [
    "a token request",
    {
      ...{ host: sts, path: `/${tenant}/tokens/OAuth/2`, headers: form },
      body: `grant_type=client_credentials&client_id=00000004-0000-0ff1-ce00-000000000000@${tenant}`,
    },
    { route: null, tokenService: null },
  ],
  [
    "a person's program is no part of a handshake",
    { agent: outlookAgent, status: 401, answer: offersAll },
    { direction: null, route: "ews", tokenService: null },
  ],
])("%s", (_name, step, expected) => {
  const { row } = startAnalysis({}).accept({ kind: "transaction", transaction: newStory()(step) });
  expect(row).toMatchObject(expected);
});
