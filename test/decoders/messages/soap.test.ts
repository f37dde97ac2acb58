import { describe, expect, test } from "vitest";
import { decodeSoapAnswer, decodeSoapRequest } from "../../../src/decoders/messages/soap.ts";
import { attributeOf, scanXml, type XmlTag } from "../../../src/decoders/xml-tags.ts";

const envelope = (body: string, header = "") =>
  `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
  <soap:Header>${header}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;

function read(xml: string) {
  const result = decodeSoapRequest(xml);
  if (!result.ok) throw new Error(result.problem);
  return result.value.operation;
}

const folder = (id: string) => `<m:FolderIds><t:DistinguishedFolderId Id="${id}"/></m:FolderIds>`;

describe("what a body asks for", () => {
  test.each([
    [
      "EWS",
      `<m:FindItem Traversal="Shallow"><m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds></m:FindItem>`,
      "FindItem",
      ["inbox"],
    ],
    ["an operation without a prefix", "<GetFolder/>", "GetFolder", []],
    [
      "Autodiscover by SOAP",
      "<a:GetUserSettingsRequestMessage><a:Request/></a:GetUserSettingsRequestMessage>",
      "GetUserSettingsRequestMessage",
      [],
    ],
    [
      "folders named twice",
      `<m:GetFolder>${folder("Calendar")}${folder("calendar")}${folder("voicemail")}</m:GetFolder>`,
      "GetFolder",
      ["calendar", "voicemail"],
    ],
    [
      "a folder that the schema does not know",
      `<m:GetFolder>${folder("evil\u001b[31m")}</m:GetFolder>`,
      "GetFolder",
      [],
    ],
    [
      "a folder with single quotes and a prefix",
      `<m:GetFolder><t:DistinguishedFolderId t:Other='1' Id='INBOX' /></m:GetFolder>`,
      "GetFolder",
      ["inbox"],
    ],
    ["the second element of a body is not the operation", "<m:GetItem/><m:DeleteItem/>", "GetItem", []],
  ])("%s", (_, body, name, folders) => {
    expect(read(envelope(body))).toEqual({ name, folders, sign: null });
  });

  test("Autodiscover as plain XML", () => {
    expect(
      read(
        '<?xml version="1.0"?><Autodiscover xmlns="x"><Request><EMailAddress>a@b.c</EMailAddress></Request></Autodiscover>',
      ),
    ).toEqual({ name: "Autodiscover", folders: [], sign: null });
  });

  test("the header is not the body", () => {
    expect(read(envelope("<m:GetItem/>", "<t:RequestServerVersion/><t:DistinguishedFolderId Id='inbox'/>"))).toEqual({
      name: "GetItem",
      folders: [],
      sign: null,
    });
  });

  test("comments, CDATA and instructions are not tags", () => {
    expect(
      read(
        envelope(
          "<!-- <m:A/> --><?php <m:B/> ?><m:GetItem><![CDATA[ <t:DistinguishedFolderId Id='inbox'/> ]]></m:GetItem>",
        ),
      ),
    ).toEqual({ name: "GetItem", folders: [], sign: null });
  });

  test("text that looks like a tag inside an attribute is not one", () => {
    expect(read(envelope(`<m:GetItem a="<m:X>" b='>'/>`)).name).toBe("GetItem");
  });
});

describe("success signs", () => {
  test.each([
    [
      "archived messages in Purges",
      `<m:FindItem>${folder("recoverableitemspurges")}</m:FindItem>`,
      "archived-messages",
    ],
    [
      "archived messages in the archive's Purges",
      `<m:CreateItem>${folder("archiverecoverableitemspurges")}</m:CreateItem>`,
      "archived-messages",
    ],
    [
      "Conversation History",
      `<m:CreateItem><m:SavedItemFolderId><t:DistinguishedFolderId Id="conversationhistory"/></m:SavedItemFolderId></m:CreateItem>`,
      "conversation-history",
    ],
    [
      "a spoken greeting",
      `<m:GetUserConfiguration><m:UserConfigurationName Name="Um.CustomGreetings.External"><t:DistinguishedFolderId Id="inbox"/></m:UserConfigurationName></m:GetUserConfiguration>`,
      "voicemail-greeting",
    ],
    ["a spoken greeting by the voice mail service", "<m:GetUMPrompt/>", "voicemail-greeting"],
    ["out of office", "<m:GetUserOofSettingsRequest/>", "out-of-office"],
    ["out of office being set", "<m:SetUserOofSettingsRequest/>", "out-of-office"],
    [
      "another configuration",
      `<m:GetUserConfiguration><m:UserConfigurationName Name="OWA.UserOptions"/></m:GetUserConfiguration>`,
      null,
    ],
    [
      "a configuration without a name",
      "<m:GetUserConfiguration><m:UserConfigurationName/></m:GetUserConfiguration>",
      null,
    ],
    ["a deleted item is not a purge", `<m:FindItem>${folder("recoverableitemsdeletions")}</m:FindItem>`, null],
  ])("%s", (_, body, sign) => {
    expect(read(envelope(body)).sign).toBe(sign);
  });

  test("a skeleton without text nodes says the same", () => {
    const full = envelope(
      `<m:CreateItem><m:Items><t:Message><t:Subject>secret</t:Subject></t:Message></m:Items>${folder("conversationhistory")}</m:CreateItem>`,
    );
    expect(read(full.replace(/>[^<]+</g, "><"))).toEqual(read(full));
  });
});

test("a WS-Security header is named", () => {
  const security = decodeSoapRequest(envelope("<m:GetItem/>", "<wsse:Security><x/></wsse:Security>"));
  const none = decodeSoapRequest(envelope("<m:Security/>", "<x><Security/></x>"));
  expect([security.ok && security.value.hasSecurityHeader, none.ok && none.value.hasSecurityHeader]).toEqual([
    true,
    false,
  ]);
});

describe("hostile XML", () => {
  test.each([
    [
      "entities are never expanded: a document type ends the reading",
      `<!DOCTYPE x [<!ENTITY a "b">]>${envelope("<m:GetItem/>")}`,
      /document type/,
    ],
    ["the same in small letters", `<!doctype x>${envelope("<m:GetItem/>")}`, /document type/],
    ["no XML", "hello", /neither a SOAP body/],
    ["no operation", envelope(""), /neither a SOAP body/],
    ["a tag without a name", "<1/>", /without a name/],
    ["a name with an escape", "<a\u001b[31m/>", /without a name/],
    ["cut inside a tag", "<soap:Envelope", /ends inside a tag/],
    ["cut inside a quote", '<a b="', /ends inside a tag/],
    ["cut inside a comment", "<!-- ", /ends inside a tag/],
    ["100,000 levels", "<a>".repeat(100_000), /nested deeper/],
    ["100,000 tags", "<a/>".repeat(100_000), /more than 20000 tags/],
  ])("%s", (_, xml, problem) => {
    expect(decodeSoapRequest(xml)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });

  test("what stood before a cut is read", () => {
    const xml = envelope(`<m:FindItem>${folder("conversationhistory")}</m:FindItem>`);
    expect(read(xml.slice(0, xml.indexOf("</m:FindItem"))).sign).toBe("conversation-history");
  });

  test("end tags without a start do not go below the root", () => {
    const tags: XmlTag[] = [];
    expect(scanXml("</a></b><c/>", (tag) => tags.push(tag))).toBeNull();
    expect(tags.map(({ name, depth }) => [name, depth])).toEqual([
      ["a", 0],
      ["b", 0],
      ["c", 0],
    ]);
  });
});

test.each([
  [' Id="a"', "Id", "a"],
  [" x:Id='a' ", "Id", "a"],
  [' Id = "a&amp;b"', "Id", "a&amp;b"],
  [' NotId="a"', "Id", undefined],
  [' Other="Id=\'b\'" Id="c"', "Id", "c"],
  ["", "Id", undefined],
])("the attribute in %j", (rest, name, value) => {
  expect(attributeOf(rest, name)).toBe(value);
});

const messages = (inner: string) =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header><s:Body><m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><m:ResponseMessages>${inner}</m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>`;
const good =
  '<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders/></m:GetFolderResponseMessage>';
const bad = (code: string) =>
  `<m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>Access is denied. Check credentials and try again.</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:GetFolderResponseMessage>`;

describe("how an answer ended", () => {
  test.each([
    // EWS reference, "GetFolder operation": success and error answers
    ["success", messages(good), { isError: false, code: "" }],
    ["an error", messages(bad("ErrorAccessDenied")), { isError: true, code: "ErrorAccessDenied" }],
    ["one of two failed", messages(good + bad("ErrorItemNotFound")), { isError: false, code: "ErrorItemNotFound" }],
    [
      "both failed",
      messages(bad("ErrorAccessDenied") + bad("ErrorItemNotFound")),
      { isError: true, code: "ErrorAccessDenied" },
    ],
    // [MS-OXWSADISC] 4: GetUserSettings
    [
      "Autodiscover that knows the user",
      "<s:Envelope><s:Body><GetUserSettingsResponseMessage><Response><ErrorCode>NoError</ErrorCode><UserResponses><UserResponse><ErrorCode>NoError</ErrorCode></UserResponse></UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>",
      { isError: false, code: "" },
    ],
    [
      "Autodiscover that does not",
      "<s:Envelope><s:Body><GetUserSettingsResponseMessage><Response><ErrorCode>NoError</ErrorCode><UserResponses><UserResponse><ErrorCode>InvalidUser</ErrorCode></UserResponse></UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>",
      { isError: true, code: "InvalidUser" },
    ],
    [
      "a SOAP fault with the code of EWS in its detail",
      '<s:Envelope><s:Body><s:Fault><faultcode>a:ErrorServerBusy</faultcode><detail><e:ResponseCode xmlns:e="x">ErrorServerBusy</e:ResponseCode></detail></s:Fault></s:Body></s:Envelope>',
      { isError: true, code: "ErrorServerBusy" },
    ],
    [
      "a fault without a code",
      "<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode></s:Fault></s:Body></s:Envelope>",
      { isError: true, code: "" },
    ],
  ])("%s", (_name, text, answer) => {
    expect(decodeSoapAnswer(text)).toEqual(answer);
  });

  test.each([
    "",
    "<html></html>",
    '{"a":1}',
    "<a><ResponseCode>rm -rf</ResponseCode></a>",
    "<s:Envelope><s:Body/></s:Envelope>",
  ])("%j does not say", (text) => {
    expect(decodeSoapAnswer(text)).toBeNull();
  });

  test("only the beginning is read, and hostile text ends quickly", () => {
    expect(decodeSoapAnswer(`<a>${" ".repeat(20_000)}<ResponseCode>ErrorAccessDenied</ResponseCode></a>`)).toBeNull();
    for (const part of ["<ResponseCode ", "<a:ResponseCode>", "<ResponseCode>Error", "<<<<"])
      expect(() => decodeSoapAnswer(part.repeat(200_000))).not.toThrow();
  });
});

test("an answer with both kinds of code is read from the first of them on", () => {
  const answer = "<a><ErrorCode>NoError</ErrorCode><ResponseCode>ErrorAccessDenied</ResponseCode></a>";
  expect(decodeSoapAnswer(answer)).toEqual({ isError: true, code: "ErrorAccessDenied" });
});
