// The Windows half cannot run here: cmd.exe's rules for `/s /c` and quotes are those of its own help (`cmd /?`).
import { expect, test } from "vitest";
import { azCommand, whyAzFailed } from "../../../src/provisioning/sign-in/az.ts";

const windows = { platform: "win32", environment: { SystemRoot: "C:\\Windows" } } as const;
const batch = "C:\\Program Files\\Microsoft SDKs\\Azure\\CLI2\\wbin\\az.cmd";
const args = ["account", "get-access-token", "--resource", "https://graph.microsoft.com", "-o", "json"];

test("a batch file runs by the full path of cmd.exe, with one line that is quoted for it", () => {
  const line = `""${batch}" account get-access-token --resource https://graph.microsoft.com -o json"`;
  expect(azCommand(batch, args, windows)).toEqual({
    path: "C:\\Windows\\System32\\cmd.exe",
    arguments: ["/d", "/v:off", "/s", "/c", line],
    isVerbatim: true,
  });
});

test.each([
  ["a percent sign in the path", "C:\\100%\\az.cmd", args],
  ["a quote in the path", 'C:\\a"b\\az.cmd', args],
  ["an exclamation mark in the path", "C:\\a!b\\az.bat", args],
  ["an argument with an ampersand", batch, [...args, "x&calc"]],
  ["an argument with a space", batch, [...args, "x y"]],
  ["an argument with a line break", batch, [...args, "x\ny"]],
])("%s is refused for cmd.exe", (_, path, given) => {
  expect(azCommand(path, given, windows)).toBeNull();
});

test("elsewhere, and for a program that is no batch file, the arguments stay a list", () => {
  const plain = { arguments: args, isVerbatim: false };
  expect(azCommand("/usr/bin/az", args, { platform: "linux", environment: {} })).toEqual({
    path: "/usr/bin/az",
    ...plain,
  });
  expect(azCommand("C:\\az\\az.exe", args, windows)).toEqual({ path: "C:\\az\\az.exe", ...plain });
});

const ended = { code: 1, output: "", errors: "", failure: null, isOverLimit: false } as const;

test.each([
  ["ERROR: Please run 'az login' to setup account.", "is not signed in", "az login --tenant contoso"],
  ["ERROR: AADSTS50020: User account from identity provider does not exist in tenant", "does not belong", "--tenant"],
  ["ERROR: AADSTS53003: Access has been blocked by Conditional Access policies.", "a policy", "Conditional Access"],
  ["HTTPSConnectionPool: Max retries exceeded (SSLError: certificate verify failed)", "cannot reach", "HTTPS_PROXY"],
  ["AADSTS700082: The refresh token has expired due to inactivity.", "its sign-in has ended", "az login"],
  ["Something new", "it ended with code 1 (Something new)", "az login"],
])("%s: why there is no token", (errors, why, hint) => {
  const reason = whyAzFailed({ ...ended, errors }, "contoso");
  expect(reason.message).toContain(why);
  expect(reason.hint).toContain(hint);
});

test.each([
  [{ ...ended, code: null, failure: "ENOENT" }, "it is not installed"],
  [{ ...ended, code: null, failure: "EACCES" }, "does not let it start (EACCES)"],
  [{ ...ended, code: null, isOverLimit: true }, "did not answer within 120 s"],
  [{ ...ended, code: null }, "it ended with a signal"],
])("an end without words: %#", (answer, why) => {
  expect(whyAzFailed(answer, "contoso").message).toContain(why);
});
