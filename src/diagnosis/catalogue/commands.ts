// Commands that several remedies end with.

/** Finds out who sent a request that nobody should send. */
export const findSender =
  "Find the sender by its address: Select-String -Path C:\\inetpub\\logs\\LogFiles\\W3SVC1\\*.log -Pattern '<address>'.";

/** The same probe straight to the server, past everything in front of it. */
export const askStraight =
  'Compare with a probe sent straight to the server: curl.exe -k -i -H "Authorization: Bearer" https://<server>/EWS/Exchange.asmx.';

/** Shows whether every server has a build that is still mended. */
export const listBuilds = "Get-ExchangeServer | Format-List Name,AdminDisplayVersion.";
