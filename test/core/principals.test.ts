import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applicationName, isGuid, parsePrincipal, realmKindOf } from "../../src/core/principals.ts";
import { wellKnownApplication, wellKnownApplications } from "../../src/core/well-known-applications.ts";

const tenant = "5de110f8-2e0f-4d45-891d-bcf2218e253d";
const sfbOnline = "00000004-0000-0ff1-ce00-000000000000";
const exchange = "00000002-0000-0ff1-ce00-000000000000";

describe("the spellings of a principal", () => {
  test.each([
    // [MS-XOAUTH] 2.2: <security principal identifier>@<realm>
    {
      text: `${sfbOnline}@${tenant}`,
      id: sfbOnline,
      host: null,
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    },
    // [MS-XOAUTH] 2.2: <security principal identifier>/<hostname>@<realm>
    {
      text: `${exchange}/mail.contoso.com@${tenant}`,
      id: exchange,
      host: "mail.contoso.com",
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    },
    // "Integration between Microsoft Teams services and Exchange Server": with a leading slash
    {
      text: `/7557eb47-c689-4224-abcf-aef9bd7573df@${tenant}`,
      id: "7557eb47-c689-4224-abcf-aef9bd7573df",
      host: null,
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: true,
    },
    // The same page before 2025: sometimes with a / before the @
    {
      text: `${sfbOnline}/@${tenant}`,
      id: sfbOnline,
      host: null,
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    },
    // Challenge of use-hybrid-modern-auth.md: the realm is a SIP domain
    {
      text: `${sfbOnline}@contoso.com`,
      id: sfbOnline,
      host: null,
      realm: "contoso.com",
      realmKind: "domain",
      leadingSlash: false,
    },
    {
      text: "00000001-0000-0000-c000-000000000000@*",
      id: "00000001-0000-0000-c000-000000000000",
      host: null,
      realm: "*",
      realmKind: "wildcard",
      leadingSlash: false,
    },
    { text: `${sfbOnline}@`, id: sfbOnline, host: null, realm: "", realmKind: "empty", leadingSlash: false },
    { text: sfbOnline, id: sfbOnline, host: null, realm: "", realmKind: "empty", leadingSlash: false },
    {
      text: `${exchange}/mail.contoso.com:444@${tenant}`,
      id: exchange,
      host: "mail.contoso.com:444",
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    },
    {
      text: `${exchange}/MAIL.Contoso.com@${tenant}`,
      id: exchange,
      host: "mail.contoso.com",
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    },
    {
      text: `/${exchange}/mail.contoso.com@contoso.com`,
      id: exchange,
      host: "mail.contoso.com",
      realm: "contoso.com",
      realmKind: "domain",
      leadingSlash: true,
    },
    // Everything up to the first slash is the id, everything after the last @ the realm
    {
      text: `${exchange}/a/b@c@${tenant}`,
      id: exchange,
      host: "a/b@c",
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    },
    // The slash must precede the @
    {
      text: `${exchange}@${tenant}/host`,
      id: exchange,
      host: null,
      realm: `${tenant}/host`,
      realmKind: "other",
      leadingSlash: false,
    },
  ])("$text", ({ text, ...expected }) => {
    expect(parsePrincipal(text)).toMatchObject({ asSeen: text, mixedCase: false, ...expected });
  });

  test.each([
    ["https://mail.contoso.com/", "mail.contoso.com"],
    ["HTTPS://Mail.contoso.com:444/EWS", "mail.contoso.com:444"],
    ["https://sts.windows.net/*/", "sts.windows.net"],
    ["https://", null],
    ["http://host?x@y", "host"],
  ])("the URL %s is a host without id and realm", (text, host) => {
    expect(parsePrincipal(text)).toMatchObject({ id: "", name: null, host, realm: "", realmKind: "empty" });
  });

  test("a nameid divides at the first @, an audience at the last", () => {
    const text = `${sfbOnline}@contoso.com@${tenant}`;
    expect(parsePrincipal(text, undefined, "first-at")).toMatchObject({
      id: sfbOnline,
      realm: `contoso.com@${tenant}`,
    });
    expect(parsePrincipal(text)).toMatchObject({ id: "", realm: tenant });
  });
});

describe("an application id is a whole GUID", () => {
  test.each([
    ["one digit short", "00000004-0000-0ff1-ce00-00000000000"],
    ["one digit more", "00000004-0000-0ff1-ce00-0000000000000"],
    ["a letter beyond f", "0000000g-0000-0ff1-ce00-000000000000"],
    ["no dashes", "0000000400000ff1ce00000000000000"],
    ["braces", "{00000004-0000-0ff1-ce00-000000000000}"],
    ["a blank before it", " 00000004-0000-0ff1-ce00-000000000000"],
    ["a line break after it", "00000004-0000-0ff1-ce00-000000000000\n"],
    ["fullwidth digits", "０0000004-0000-0ff1-ce00-000000000000"],
  ])("%s is none", (_, text) => {
    expect(isGuid(text)).toBe(false);
    expect(parsePrincipal(`${text}@contoso.com`)).toMatchObject({ id: "", name: null, mixedCase: false });
  });

  test("upper case is the same id and is reported", () => {
    expect(parsePrincipal(`D3776938-3DBA-481F-A652-4BEDFCAB7CD8@*`)).toMatchObject({
      id: "d3776938-3dba-481f-a652-4bedfcab7cd8",
      mixedCase: true,
    });
  });

  test("the letter case of the realm is kept", () => {
    expect(parsePrincipal(`${sfbOnline}@Contoso.COM`)).toMatchObject({ realm: "Contoso.COM", realmKind: "domain" });
  });
});

describe("the kind of a realm", () => {
  test.each([
    [tenant, "tenant"],
    [tenant.toUpperCase(), "tenant"],
    ["contoso.com", "domain"],
    ["sip.contoso.co.uk", "domain"],
    ["xn--bcher-kva.example", "domain"],
    ["*", "wildcard"],
    ["", "empty"],
    ["contoso", "other"],
    ["*.contoso.com", "other"],
    ["10.0.0.1", "other"],
    ["contoso..com", "other"],
    [`${"a".repeat(300)}.com`, "other"],
    ["contoso.com\u001b[31m", "other"],
  ])("%j is %s", (realm, kind) => {
    expect(realmKindOf(realm)).toBe(kind);
  });
});

describe("well-known applications", () => {
  test.each([
    ["00000001-0000-0000-c000-000000000000", /token service/i, "sts"],
    [exchange, /^Exchange$/, "exchange"],
    [sfbOnline, /^Skype for Business Online$/, "caller"],
    ["7557eb47-c689-4224-abcf-aef9bd7573df", /^Teams Scheduler$/, "caller"],
    ["db7de2b5-2149-435e-8043-e080dd50afae", /^Cloud Voicemail$/, "caller"],
    ["cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", /^Microsoft Teams$/, "caller"],
    ["48af08dc-f6d2-435f-b2a7-069abd99c086", /^RestConnector$/, "caller"],
    // The trap: the first group is the same, the application is not
    ["00000003-0000-0ff1-ce00-000000000000", /^SharePoint$/, "other"],
    ["00000003-0000-0000-c000-000000000000", /^Microsoft Graph$/, "other"],
    ["00000002-0000-0000-c000-000000000000", /^Azure AD Graph$/, "other"],
  ])("%s", (id, name, role) => {
    expect(wellKnownApplication(id)?.role).toBe(role);
    expect(applicationName(id)).toMatch(name);
  });

  test("no id is listed twice and all are whole GUIDs in lower case", () => {
    const ids = wellKnownApplications.map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(isGuid(id) && id === id.toLowerCase()).toBe(true);
  });

  test("rows without a primary source are marked", () => {
    expect(wellKnownApplication("0000000a-0000-0000-c000-000000000000")?.isConfirmed).toBe(false);
    expect(wellKnownApplication("00000001-0001-0000-c000-000000000000")?.isConfirmed).toBe(false);
    expect(wellKnownApplication(sfbOnline)?.isConfirmed).toBe(true);
  });

  test("a configured name is used, and wins over the table", () => {
    const applications = new Map([
      ["b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c", "Contoso dedicated hybrid app"],
      [sfbOnline, "our own word"],
    ]);
    expect(parsePrincipal(`B2F0F7C2-54a1-4d6f-9a63-0c4a5f6e7d8c@${tenant}`, applications).name).toBe(
      "Contoso dedicated hybrid app",
    );
    expect(parsePrincipal(sfbOnline, applications).name).toBe("our own word");
    expect(applicationName("b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c")).toBeNull();
  });
});

describe("any text", () => {
  test("gives a principal whose parts are consistent", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.constantFrom("last-at" as const, "first-at" as const),
        (text, rule) => {
          const principal = parsePrincipal(text, undefined, rule);
          expect(principal.asSeen).toBe(text);
          expect(principal.id === "" || isGuid(principal.id)).toBe(true);
          expect(principal.realmKind).toBe(realmKindOf(principal.realm));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("what was put together is taken apart again", () => {
    const host = fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}(:[0-9]{2,5})?$/);
    const realm = fc.oneof(fc.uuid(), fc.constant("*"), fc.stringMatching(/^[a-z]{1,20}\.[a-z]{2,6}$/));
    fc.assert(
      fc.property(fc.uuid(), fc.option(host), realm, fc.boolean(), (id, named, where, hasSlash) => {
        const text = `${hasSlash ? "/" : ""}${id}${named === null ? "" : `/${named}`}@${where}`;
        expect(parsePrincipal(text)).toMatchObject({ id, host: named, realm: where, leadingSlash: hasSlash });
      }),
      { numRuns: 300 },
    );
  });
});
