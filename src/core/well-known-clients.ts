// Programs with which a person signs in, by their application id in Entra: "Verify first-party Microsoft applications in
// sign-in reports" (learn.microsoft.com) and the ids that public sign-in logs show. None of them is a service's application.
const clients: ReadonlyMap<string, string> = new Map([
  ["d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office (Outlook)"],
  ["5d661950-3475-41cd-a2c3-d671a3162bc1", "Microsoft Outlook"],
  ["27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile"],
  ["9199bf20-a13f-4107-85dc-02114787ef48", "Outlook on the web"],
  ["bc59ab01-8403-45c6-8796-ac3ef710b3e3", "Outlook add-ins"],
  ["0ec893e0-5785-4de6-99da-4ed124e5296c", "Office app"],
  ["1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams client"],
  ["5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "Microsoft Teams in the browser"],
  ["22098786-6e16-43cc-a27d-191a01a1e3b5", "Microsoft To Do"],
  ["ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive sync client"],
  ["29d9ed98-a469-4536-ade2-f981bc1d605e", "Microsoft Authentication Broker"],
  ["f8d98a96-0999-43f5-8af3-69971c7bb423", "Apple Internet Accounts"],
  ["04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Azure CLI"],
  ["1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"],
  ["1b730954-1685-4b74-9bfd-dac224a7b894", "Azure AD PowerShell"],
  ["14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph PowerShell"],
  ["fb78d390-0c51-40cd-8e17-fdbfab77341b", "Exchange Online PowerShell"],
]);

/** The name of such a program by its application id in lower case, else undefined. */
export function wellKnownClient(id: string): string | undefined {
  return clients.get(id);
}

// Sent by Teams (CSS-Exchange tests, EWS allow-list documentation; `Teams` at its first leg, `SchedulingService` in the delegate
// check) and by cross-forest free/busy of Exchange Online. The programs of persons that contain `Teams/` begin with `Mozilla/`.
const cloudUserAgent =
  /SkypeSpaces\/|^MicrosoftNinja\/|^Teams(?:\/|$)|SchedulingService|^AS(?:AutoDiscover|Proxy)\/CrossForest\//;

// Programs that persons sign in with: phones, Outlook, desktop clients, browsers.
const userClient =
  /outlook|microsoft office|iphone|ipad|android|apple|mac ?os|thunderbird|mozilla|opera|\bOC\/|UCCAPI|lync mobile|msft-(?:wp|win|pph)|samsung|exchangewebservices|caldav|davmail|evolution/i;

/** True for the User-Agent of a Microsoft cloud service that calls Exchange Server. */
export function isCloudUserAgent(userAgent: string): boolean {
  return cloudUserAgent.test(userAgent);
}

/** True for the User-Agent of a program that persons sign in with; never for that of a cloud service. */
export function isPersonsUserAgent(userAgent: string): boolean {
  return !isCloudUserAgent(userAgent) && userClient.test(userAgent);
}
