import { describe, expect, test } from "vitest";
import { decodeSoapAnswer } from "../../../src/decoders/messages/soap.ts";

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
