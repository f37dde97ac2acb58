import { describe, expect, test } from "vitest";
import { readMessages } from "../../../../src/decoders/pasted/read-messages.ts";
import { actAsToken } from "../../token-maker.ts";

const token = actAsToken();
const address = "https://mail.contoso.com/EWS/Exchange.asmx";

const commands: Readonly<Record<string, string>> = {
  bash: `curl '${address}' \\\n  -H 'accept: */*' \\\n  -H 'authorization: Bearer ${token}' \\\n  --data-raw '<s:Envelope/>' \\\n  --compressed`,
  "bash on one line": `$ curl -s -XPOST ${address} -H "Authorization: Bearer ${token}" -d '<s:Envelope/>' -o /dev/null`,
  "bash, ANSI quotes": `curl '${address}' -H $'authorization: Bearer ${token}' --data-binary $'<s:Envelope/>'`,
  cmd: `curl ^"${address}^" ^\r\n  -H ^"accept: */*^" ^\r\n  -H ^"authorization: Bearer ${token}^" ^\r\n  --data-raw ^"<s:Envelope/>^"`,
  "cmd, older": `curl "${address}" -H "accept: */*" -H "authorization: Bearer ${token}" --data-raw "<s:Envelope/>" --compressed`,
  "curl.exe": `PS C:\\> curl.exe --request POST --url ${address} --header 'authorization: Bearer ${token}' --data '<s:Envelope/>'`,
  "bearer option": `curl --oauth2-bearer ${token} --data=@x ${address} -d '<s:Envelope/>'`,
  PowerShell: `$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\r\nInvoke-WebRequest -UseBasicParsing -Uri "${address}" \`\r\n-Method "POST" \`\r\n-WebSession $session \`\r\n-Headers @{\r\n"accept"="*/*"\r\n  "authorization"="Bearer ${token}"\r\n} \`\r\n-ContentType "text/xml" \`\r\n-Body "<s:Envelope/>"`,
  "PowerShell, REST": `Invoke-RestMethod -Method Post -Uri '${address}' -Headers @{ Authorization = 'Bearer ${token}' } -Body '<s:Envelope/>'`,
  fetch: `fetch("${address}", {\n  "headers": {\n    "accept": "*/*",\n    "authorization": "Bearer ${token}"\n  },\n  "body": "<s:Envelope/>",\n  "method": "POST"\n});`,
  "fetch for Node": `await fetch("${address}", {\n  headers: {\n    authorization: "Bearer ${token}",\n  },\n  method: "POST",\n  body: "<s:Envelope/>"\n});`,
  Python: `requests.post("${address}", headers={"Authorization": "Bearer ${token}"}, data="<s:Envelope/>")`,
};

test.each(Object.entries(commands))("%s", (_, command) => {
  const { transactions, unread } = readMessages(`I ran this:\n${command}\nand it failed`);
  expect(transactions).toMatchObject([
    { host: "mail.contoso.com", scheme: "https", request: { method: "POST", target: address }, response: null },
  ]);
  const [read] = transactions;
  expect(
    read?.request.headers.filter(([name]) => name.toLowerCase() === "authorization").map(([, value]) => value),
  ).toEqual([`Bearer ${token}`]);
  expect(new TextDecoder().decode(read?.request.body.bytes)).toContain("<s:Envelope/>");
  expect(unread.map(({ begins }) => begins)).toContain("I ran this:");
});

describe("parts of a command", () => {
  test("an account and its password become the field that curl sends", () => {
    const { transactions } = readMessages(`curl -u 'CONTOSO\\svc:Sommer2026!' ${address}`);
    expect(transactions[0]?.request.headers).toEqual([
      ["Authorization", `Basic ${Buffer.from("CONTOSO\\svc:Sommer2026!").toString("base64")}`],
    ]);
    expect(transactions[0]?.request.method).toBe("GET");
  });

  test("curl in a sentence is no command", () => {
    expect(readMessages("I tried curl but it failed").transactions).toEqual([]);
  });

  test("several commands are several exchanges", () => {
    expect(readMessages(`${commands.bash}\n\n${commands.cmd}`).transactions).toHaveLength(2);
    expect(readMessages(`${commands.fetch}\n${commands.fetch} ;`).transactions).toHaveLength(2);
  });
});
