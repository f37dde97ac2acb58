import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeReply, encodeWireObject } from "../../../src/provisioning/exchange/wire-json.ts";
import type { ExchangeShell } from "../../../src/provisioning/model/exchange-shell.ts";

test("no value is sent as plain text, so PowerShell cannot read it as a date or as script", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const wire = encodeWireObject({ Name: text, List: [text], Inner: { Deep: text } });
      const base64 = Buffer.from(text, "utf8").toString("base64");
      expect(wire).toEqual({ Name: { s: base64 }, List: [{ s: base64 }], Inner: { o: { Deep: { s: base64 } } } });
    }),
  );
  expect(encodeWireObject({ Enabled: true, Count: 3, Nothing: null })).toEqual({
    Enabled: true,
    Count: 3,
    Nothing: null,
  });
});

test("a remote error keeps the server's type, not RemoteException", () => {
  const reply = JSON.stringify({
    ok: false,
    error: {
      type: "RemoteException",
      reason: "RemoteException",
      id: "[Server=EX1,RequestId=1,TimeStamp=2026] [FailureCategory=Cmdlet-ManagementObjectNotFoundException] 8D22F2BA,Microsoft.Exchange.Management.GetMailUser",
      category: "NotSpecified",
      message: "作業無法執行",
    },
  });
  expect(decodeReply(reply)).toEqual({
    ok: false,
    error: {
      type: "ManagementObjectNotFoundException",
      id: "8D22F2BA,Microsoft.Exchange.Management.GetMailUser",
      category: "NotSpecified",
      message: "作業無法執行",
    },
    effectUnknown: false,
  });
});

test("an error of the connection leaves the effect of the call unknown", () => {
  const reply = JSON.stringify({ ok: false, error: { type: "PSRemotingTransportException", reason: "", id: "x" } });
  expect(decodeReply(reply)).toMatchObject({ ok: false, effectUnknown: true });
});

test.each(["", "null", "[]", "{}", '{"ok":true}', '{"ok":false,"error":3}', "{"])(
  "the reply %j is an error",
  async (text) => {
    const call: ExchangeShell["call"] = () => Promise.resolve(decodeReply(text));
    await expect(call("Get-MailUser", {})).resolves.toMatchObject({
      ok: false,
      effectUnknown: true,
      error: { type: "ShellReplyUnreadable" },
    });
  },
);

test("tokens that a cmdlet prints are hidden before they are stored", () => {
  const token = `eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.`;
  const reply = JSON.stringify({
    ok: true,
    objects: [{ Detail: `used ${token} here`, List: [token] }],
    warnings: [token],
  });
  expect(JSON.stringify(decodeReply(reply))).not.toContain("eyJ");
});
