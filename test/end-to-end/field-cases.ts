// What people really had in hand (public reports, rebuilt with made-up names), and what must be said of it.
export interface FieldCase {
  readonly file: string;
  readonly command: "decode" | "replay";
  readonly codes: readonly number[];
  readonly has: readonly RegExp[];
  readonly lacks: readonly RegExp[];
}

export const fieldCases: readonly FieldCase[] = [
  {
    // a token was presented and refused; the server does not name itself as Exchange Server; no trusted_issuers here says nothing about AuthServer
    file: "challenge-of-another-resource.txt",
    command: "decode",
    codes: [0],
    has: [/^(ERROR|WARNING) [A-Z_]+:.*(refused|invalid_token)/m],
    lacks: [/Set-AuthServer <name> -Enabled/m],
  },
  {
    // the server asks for a new token with these claims (continuous access evaluation)
    file: "claims-challenge.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/insufficient_claims|[Cc]laims challenge|[Cc]ontinuous/m],
    lacks: [/without saying why/m],
  },
  {
    // token decoded, Teams Scheduler
    file: "copy-as-curl.txt",
    command: "decode",
    codes: [0],
    has: [/Teams Scheduler/m],
    lacks: [],
  },
  {
    // the application signed in with a secret and must sign in with a certificate; nothing is wrong with the trust
    file: "diagnostics-2000010.txt",
    command: "decode",
    codes: [0],
    has: [/2000010/m, /[Cc]ertificate/m],
    lacks: [/REFUSED_UNKNOWN/m],
  },
  {
    // the cloud reports that Exchange Server refused its token: 2000005, user does not exist
    file: "diagnostics-inside-owa-answer.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/USER_NOT_FOUND|2000005/m],
    lacks: [],
  },
  {
    // invalid_grant: the application lacks a permission (the reason names it)
    file: "diagnostics-without-number.txt",
    command: "decode",
    codes: [0],
    has: [/category: invalid_grant/m],
    lacks: [/REFUSED_UNKNOWN/m],
  },
  {
    // exit 2, naming ETL and how to convert it (etl2pcapng)
    file: "etl-trace.etl",
    command: "replay",
    codes: [2],
    has: [/[Ee][Tt][Ll]2?pcapng|\bETL\b/m],
    lacks: [],
  },
  {
    // first suspicion: EwsApplicationAccessPolicy; allow MicrosoftNinja/*, *Teams/*, SkypeSpaces/*
    file: "ews-allow-list-on-premises.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/FORBIDDEN_WITHOUT_REASON|EWS_BLOCKED/m, /Get-OrganizationConfig|EwsAllowList|MicrosoftNinja/m],
    lacks: [],
  },
  {
    // the token passed; the mailbox is missing: CALL_FAILED with that code, not "undecided"
    file: "ews-fault-in-http-500.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/ErrorNonExistentMailbox|CALL_FAILED/m],
    lacks: [],
  },
  {
    // 2000006 for Teams Scheduler, 401, and the token decoded
    file: "ews-trace-xml.txt",
    command: "decode",
    codes: [0],
    has: [/PARTNER_APPLICATION_UNKNOWN/m, /Teams Scheduler/m, /401/m],
    lacks: [],
  },
  {
    // federation (WS-Security) was tried and refused; OAuth was not in play
    file: "federation-refused.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/FEDERATION_USED/m],
    lacks: [/NTLM or Negotiate although OAuth was offered/m],
  },
  {
    // 2000004 invalid_tenant (REFUSED_TENANT); the accepted domain is a wildcard, list it in full
    file: "glued-header-lines.txt",
    command: "decode",
    codes: [0],
    has: [/2000004/m, /REFUSED_TENANT/m],
    lacks: [],
  },
  {
    // the client distrusts the inspection CA; the token service was not reached
    file: "har-connect-failed.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/CLIENT_DISTRUSTS_CA|does not trust/m, /UPSTREAM_UNREACHABLE|accounts\.accesscontrol/m],
    lacks: [],
  },
  {
    // cannot be judged, and likely why: the exporter removed the credentials; export "with sensitive data"
    file: "har-without-credentials.har",
    command: "replay",
    codes: [3, 2],
    has: [/sensitive|sanitis|sanitiz|removed|left out/m],
    lacks: [],
  },
  {
    // read it, or say that an IIS log holds no tokens and what to capture instead; exit 2 if not read
    file: "iis-log.log",
    command: "decode",
    codes: [0, 1, 2],
    has: [/IIS|W3C|Internet Information|svc-teams/m],
    lacks: [],
  },
  {
    // a password was sent with Basic (user shown, password never), server offers only Negotiate and NTLM
    file: "js-request-object-and-headers.txt",
    command: "decode",
    codes: [0],
    has: [/[Bb]asic/m, /Negotiate/m],
    lacks: [/S3cretPassw0rd/m],
  },
  {
    // 2000006, PARTNER_APPLICATION_UNKNOWN
    file: "json-escaped-diagnostics.txt",
    command: "decode",
    codes: [0],
    has: [/2000006/m, /PARTNER_APPLICATION_UNKNOWN/m],
    lacks: [],
  },
  {
    // Negotiate and NTLM offered
    file: "prose-before-header-lines.txt",
    command: "decode",
    codes: [0],
    has: [/Negotiate/m, /NTLM/m],
    lacks: [],
  },
  {
    // 403, 2000008, and the token inside decoded (roles Mail.Read only)
    file: "python-dict-dump.txt",
    command: "decode",
    codes: [0],
    has: [/2000008/m, /403/m, /Mail\.Read/m],
    lacks: [],
  },
  {
    // PARTNER_APPLICATION_UNKNOWN
    file: "raw-request-and-response.txt",
    command: "decode",
    codes: [0],
    has: [/PARTNER_APPLICATION_UNKNOWN/m, /401/m],
    lacks: [],
  },
  {
    // HTTPS was not decrypted; three tunnels to these hosts; switch on decryption and capture again
    file: "saz-tunnels-only.saz",
    command: "replay",
    codes: [2, 3],
    has: [/CONNECT|tunnel/m, /decrypt/m],
    lacks: [],
  },
  {
    // STS_REFUSED_CERTIFICATE (the auth certificate is not in Entra)
    file: "test-oauth-aadsts-on-two-lines.txt",
    command: "decode",
    codes: [0],
    has: [/STS_REFUSED_CERTIFICATE/m],
    lacks: [],
  },
  {
    // the server failed with 500 after its challenge; the test failed
    file: "test-oauth-http-500.txt",
    command: "decode",
    codes: [0],
    has: [/^(ERROR|WARNING) [A-Z_]+:.*500/m],
    lacks: [],
  },
  {
    // the outbound web proxy refused the connection; Exchange Online was never reached and no token was involved
    file: "test-oauth-web-proxy-403.txt",
    command: "decode",
    codes: [0],
    has: [/[Pp]roxy/m, /403/m],
    lacks: [],
  },
  {
    // say that the token is for Azure AD Graph, not for Exchange, so Exchange answers 2000003
    file: "token-for-aad-graph.txt",
    command: "decode",
    codes: [0],
    has: [/^(ERROR|WARNING|INFO|ALARM) [A-Z_]+:.*(Graph|audience|not (for|meant))/m],
    lacks: [],
  },
  {
    // the token has neither scp nor roles: grant the Entra application its permission and consent
    file: "token-without-permissions.txt",
    command: "decode",
    codes: [0],
    has: [/2000008/m, /full_access_as_app|AccessAsUser|consent/m],
    lacks: [],
  },
  {
    // name the refusal and its cause (audience), and that a user's program, not a service, called
    file: "user-token-refused.har",
    command: "replay",
    codes: [0, 1, 3],
    has: [/REFUSED_AUDIENCE|AUDIENCE_HOST_MISMATCH|2000003/m],
    lacks: [],
  },
];
