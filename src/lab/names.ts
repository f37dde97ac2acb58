// The parties of the lab. The names are those of the real services, so that a capture looks like a real one; connections
// to them stay on loopback.

export const tenant = "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa";

export const exchangeName = "mail.contoso.example";
export const stsName = "accounts.accesscontrol.windows.net";
export const sfbOnlineName = "webdir.online.lync.com";
export const entraName = "login.microsoftonline.com";
export const graphName = "graph.microsoft.com";
export const exchangeOnlineName = "outlook.office365.com";

/** Every name that the lab's servers have. */
export const serverNames = [exchangeName, stsName, sfbOnlineName, entraName, graphName, exchangeOnlineName] as const;

/** [MS-XOAUTH] names the STS and Exchange; the three callers are those of the procedure's pages, old and new. */
export const applications = {
  sts: "00000001-0000-0000-c000-000000000000",
  exchange: "00000002-0000-0ff1-ce00-000000000000",
  skypeForBusiness: "00000004-0000-0ff1-ce00-000000000000",
  teamsScheduler: "7557eb47-c689-4224-abcf-aef9bd7573df",
  cloudVoicemail: "db7de2b5-2149-435e-8043-e080dd50afae",
  graph: "00000003-0000-0000-c000-000000000000",
  /** Made up: the tenant's own application for Exchange Server (`ExchangeServerApp-…`, the dedicated hybrid application). */
  dedicatedHybrid: "b94d61e2-7c35-4f0a-9a1e-6d28c05f73b4",
} as const;

export const tokenPath = `/${tenant}/tokens/OAuth/2`;
export const metadataPath = `/${tenant}/metadata/json/1`;

/** Entra's paths: the v1 endpoint takes a `resource`, the v2 endpoint a `scope`. */
export const entraPaths = {
  configuration: `/${tenant}/v2.0/.well-known/openid-configuration`,
  keys: `/${tenant}/discovery/v2.0/keys`,
  tokenV1: `/${tenant}/oauth2/token`,
  tokenV2: `/${tenant}/oauth2/v2.0/token`,
} as const;

/** The application permissions of the dedicated hybrid application, by resource. */
export const hybridRoles = {
  exchangeOnline: ["full_access_as_app"],
  graph: ["Calendars.Read", "MailboxSettings.Read", "MailTips.ReadBasic.All", "ProfilePhoto.Read.All"],
} as const;

/** The mailbox that the calls act for. */
export const user = { puid: "1003200044a1b2c3", address: "megan.bowen@contoso.example" } as const;

/** A mailbox in the cloud that Exchange Server looks up. */
export const cloudUser = { address: "adele.vance@contoso.example" } as const;

/** The service account of the fallback scenarios. Made up; a test searches for its password wherever it must not be. */
export const serviceAccount = { domain: "CONTOSO", name: "svc-sfb", password: "Winter-in-Redmond-7!" } as const;
