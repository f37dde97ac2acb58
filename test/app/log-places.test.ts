// Where the logs of an Exchange server are: the registry and the variable are described in Exchange's own setup documentation.
import { expect, test } from "vitest";
import { findLogFolders, type LogMachine } from "../../src/app/log-places.ts";

/** The output of `reg query` for the value, as reg.exe prints it. */
const registry = (path: string): string =>
  `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup\r\n    MsiInstallPath    REG_SZ    ${path}\r\n\r\n`;

interface Given {
  readonly registry?: string | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folders: readonly string[];
}

/** A Windows server with these folders; `asked` gets the arguments of `reg`. */
function server(given: Given, asked: string[] = []): LogMachine {
  return {
    platform: "win32",
    environment: given.environment ?? {},
    queryRegistry(args) {
      asked.push(args.join(" "));
      return Promise.resolve(given.registry ?? null);
    },
    isFolder: (path) => Promise.resolve(given.folders.includes(path)),
  };
}

const iis = "C:\\inetpub\\logs\\LogFiles";
const httpErr = "C:\\Windows\\System32\\LogFiles\\HTTPERR";

test("the registry names the installation, and only folders that exist are followed", async () => {
  const asked: string[] = [];
  const logging = "D:\\Exchange\\V15\\Logging";
  const folders = [`${logging}\\HttpProxy`, `${logging}\\Ews`, iis, httpErr];
  const machine = server({ registry: registry("D:\\Exchange\\V15\\"), folders }, asked);
  expect(await findLogFolders([""], machine)).toEqual(folders);
  expect(asked).toEqual(["query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup /v MsiInstallPath"]);
});

test.each([
  ["the variable", { ExchangeInstallPath: "E:\\Exch\\" }, "E:\\Exch\\Logging\\HttpProxy"],
  ["the default place", {}, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy"],
])("without the registry %s does", async (_name, environment, folder) => {
  expect(await findLogFolders([""], server({ environment, folders: [folder] }))).toEqual([folder]);
});

test("a server without Exchange is refused with the next step", async () => {
  const refused = findLogFolders([""], server({ folders: [iis] }));
  await expect(refused).rejects.toMatchObject({ code: "usage", hint: expect.stringContaining("--logs") });
});

test("a machine that is not Windows needs a folder", async () => {
  const machine: LogMachine = { ...server({ folders: [] }), platform: "linux" };
  await expect(findLogFolders([""], machine)).rejects.toMatchObject({ code: "usage" });
});

test("the same folder twice is followed once", async () => {
  expect(await findLogFolders(["test", "test"], server({ folders: [] }))).toEqual(["test"]);
});
