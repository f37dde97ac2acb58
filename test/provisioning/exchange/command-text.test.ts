import { expect, test } from "vitest";
import { commandText, quotePowerShell } from "../../../src/provisioning/exchange/command-text.ts";
import type { ScriptItem } from "../../../src/provisioning/model/exchange-shell.ts";

const quotes = ["'", "\u2018", "\u2019", "\u201a", "\u201b"];

test.each(quotes.flatMap((open) => quotes.map((close) => [open, close] as const)))(
  "the quotes %s and %s are doubled, each as itself",
  (open, close) => {
    expect(quotePowerShell(`a${open}; Remove-MailUser x; ${close}b`)).toBe(
      `'a${open}${open}; Remove-MailUser x; ${close}${close}b'`,
    );
  },
);

test.each(["a\0b", "a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u2029b", "\ud800", "a\u001bb"])(
  "%j is refused",
  (text) => {
    expect(() => quotePowerShell(text)).toThrow(expect.objectContaining({ code: "unprintable-value" }));
  },
);

test("a call is written as a person would type it", () => {
  const item: Pick<ScriptItem, "cmdlet" | "parameters"> = {
    cmdlet: "New-PartnerApplication",
    parameters: {
      Name: "SfBOnline",
      Enabled: true,
      LinkedAccount: { ref: "s2.account.Guid" },
      Names: ["a", "b’c"],
      Count: 3,
      Nothing: null,
      Table: { key: "x" },
    },
  };
  expect(commandText(item)).toBe(
    "New-PartnerApplication -Name 'SfBOnline' -Enabled:$true -LinkedAccount $facts['s2.account'].Guid " +
      "-Names @('a', 'b’’c') -Count 3 -Nothing $null -Table @{ 'key' = 'x' }",
  );
});

test("a parameter name with other characters than letters is refused", () => {
  expect(() => commandText({ cmdlet: "Get-MailUser", parameters: { "Identity; x": "a" } })).toThrow(TypeError);
});
