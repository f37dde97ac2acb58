// Facts about the places of logs on a server.
import { type ProtocolRow, section } from "./protocol-row.ts";

const places = "app/log-places";
const found = "the registry names the installation, and only folders that exist are followed";

/** "Exchange Server setup", "Configure the HTTP API error logging" and "Log files of sites" of Microsoft Learn. */
export const logLiveRows: readonly ProtocolRow[] = section("Places of logs", [
  [
    "P",
    "setup writes the folder of Exchange Server to MsiInstallPath below ExchangeServer\\v15\\Setup",
    places,
    found,
    [places, '"/v", "MsiInstallPath"', '"/v", "InstallPath"'],
  ],
  [
    "P",
    "the variable ExchangeInstallPath has the same folder",
    places,
    "without the registry the variable does",
    [places, "environment.ExchangeInstallPath", "environment.ExchangePath"],
  ],
  [
    "P",
    "the default folder is C:\\Program Files\\Microsoft\\Exchange Server\\V15",
    places,
    "without the registry the default place does",
    [places, 'const defaultInstall = "C:', 'const defaultInstall = "D:'],
  ],
  [
    "P",
    "HTTP.sys logs errors to System32\\LogFiles\\HTTPERR, and IIS its sites to inetpub\\logs\\LogFiles",
    places,
    found,
    [places, '"LogFiles", "HTTPERR"', '"LogFiles", "HTTP"'],
  ],
]);
