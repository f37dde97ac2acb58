/** The example of the design (captures, section 4.1), as it stands there. */
export const designExample = `version: 1
clock: trace            # decode as of each entry's own time; or an ISO time
require: { entries: ">= 1", truncated: false }
expect:
  - name: no Basic sign-in left
    match: { auth.scheme: basic }
    count: 0
  - name: S2S calls accepted
    match: { host: mail.contoso.example, auth.scheme: bearer, token.actor.iss: "00000001-*" }
    count: ">= 1"
    each: { response.status: { in: [200, 201] }, token.expired: false, token.aud: { glob: "*/mail.contoso.example@*" } }
  - name: challenge comes first
    sequence: [ { kind: challenge }, { kind: token-request }, { kind: bearer } ]
    by: client-request-id
forbid: [ finding.alg-none-unsigned-outer-without-actor, leak.* ]
snapshot: expected/summary.json   # optional
`;
