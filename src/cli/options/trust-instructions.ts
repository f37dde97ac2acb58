/** How to make a client trust the inspection CA, and how to undo it; `ca export --help` prints it. */
export const trustInstructions = `
Trust it as narrowly as possible: one process before one user before the machine. Each way has its way back.

  one process    NODE_EXTRA_CA_CERTS=ca.pem …      curl --cacert ca.pem …      REQUESTS_CA_BUNDLE=ca.pem …
  Linux          cp ca.pem /usr/local/share/ca-certificates/realmscope.crt && update-ca-certificates
    undo         rm /usr/local/share/ca-certificates/realmscope.crt && update-ca-certificates --fresh
  Windows, Exchange and .NET services (elevated; services read the machine's store, not a user's)
                 certutil -addstore Root ca.cer            (ca export --der writes ca.cer)
    undo         certutil -delstore Root <thumbprint>      (ca show prints the thumbprint)
    leftovers    certutil -store Root | findstr "realmscope"      (doctor looks for them on this machine)
                 After either, recycle the application pools that call the cloud, or wait until they recycle.

Exchange's own outgoing calls use its InternetWebProxy, not the proxy of a user:
                 Set-ExchangeServer <server> -InternetWebProxy http://<this machine>:<port>
    undo         Set-ExchangeServer <server> -InternetWebProxy $null

Microsoft 365 trusts public CAs only: in front of EWS and Autodiscover use watch --reverse with the server's own
certificate (--pfx, or --cert and --key), not this CA. docs/inspection-ca.md says all of this at length.
`;
