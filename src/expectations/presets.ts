// Expectation files with a name, built in. A preset can be read and copied as the start of a file (`--write-expect` writes one from a
// trace).

/** The names, in the order of the documentation. */
export const presetNames = ["oauth-only", "skype-online", "teams", "hybrid"] as const;
export type PresetName = (typeof presetNames)[number];

export function isPresetName(name: string): name is PresetName {
  return presetNames.some((known) => known === name);
}

const oauthOnly = `version: 1
require: { entries: ">= 1" }
expect:
  - name: a service's token is accepted
    match: { handshake.verdict: oauth-confirmed, auth.scheme: bearer, response.status: { in: [200, 201, 202, 204] } }
    count: ">= 1"
  - name: no Basic from a service
    match: { handshake.verdict: basic-fallback }
    count: 0
  - name: no NTLM or Negotiate from a service
    match: { handshake.id: { exists: true }, kind: { in: [ntlm, negotiate] } }
    count: 0
  - name: no password is sent for a token
    match: { token-request.password: true }
    count: 0
forbid:
  - finding.basic-fallback
  - finding.password-grant
  - finding.windows-auth-by-service
  - finding.windows-auth-after-bearer
  - finding.unsigned-token-accepted
`;

const skypeOnline = `version: 1
require: { entries: ">= 1" }
expect:
  - name: Skype for Business Online calls with its token and is answered
    match:
      handshake.direction: inbound
      handshake.principal: 00000004-0000-0ff1-ce00-000000000000
      auth.scheme: bearer
      response.status: { in: [200, 201, 202, 204] }
    count: ">= 1"
    each: { token.actor.iss: "00000001-*", token.expired: false }
  - name: no handshake of it ends otherwise
    match:
      handshake.principal: 00000004-0000-0ff1-ce00-000000000000
      handshake.verdict: { in: [oauth-rejected, basic-fallback, other-auth] }
    count: 0
forbid:
  - finding.basic-fallback
  - finding.partner-application-unknown
  - finding.cross-tenant-actor
`;

const teams = `version: 1
require: { entries: ">= 1" }
expect:
  - name: Teams, its scheduler or Cloud Voicemail calls with a token and is answered
    match:
      handshake.direction: inbound
      handshake.principal:
        in:
          - cc15fd57-2c6c-4117-a88c-83b1d56b4bbe
          - 7557eb47-c689-4224-abcf-aef9bd7573df
          - db7de2b5-2149-435e-8043-e080dd50afae
          - 48af08dc-f6d2-435f-b2a7-069abd99c086
      auth.scheme: bearer
      response.status: { in: [200, 201, 202, 204] }
    count: ">= 1"
    each: { token.expired: false }
  - name: no handshake of them ends otherwise
    match:
      handshake.principal:
        in:
          - cc15fd57-2c6c-4117-a88c-83b1d56b4bbe
          - 7557eb47-c689-4224-abcf-aef9bd7573df
          - db7de2b5-2149-435e-8043-e080dd50afae
          - 48af08dc-f6d2-435f-b2a7-069abd99c086
      handshake.verdict: { in: [oauth-rejected, basic-fallback, other-auth] }
    count: 0
forbid:
  - finding.basic-fallback
  - finding.partner-application-unknown
  - finding.legacy-principal-only
  - finding.cross-tenant-actor
`;

// The dedicated application is one of the tenant's own: its id is none of Microsoft's.
const hybrid = `version: 1
require: { entries: ">= 1" }
inbound: oauth-confirmed
outbound: { verdict: oauth-confirmed, tokenService: [entra-v1, entra-v2] }
expect:
  - name: Exchange Server calls the cloud as an application of the tenant, with a token of Entra, and is answered
    match:
      handshake.direction: outbound
      handshake.principal: { exists: true, not: "0000000*-0000-*-000000000000" }
      handshake.token-service: { in: [entra-v1, entra-v2] }
      auth.scheme: bearer
      response.status: { in: [200, 201, 202, 204] }
    count: ">= 1"
    each: { token.expired: false }
forbid:
  - finding.shared-service-principal
  - finding.hybrid-app-other-id
  - finding.basic-fallback
  - finding.password-grant
  - finding.partner-application-unknown
  - finding.cross-tenant-actor
`;

/** The text of a preset as a file. */
export function presetText(name: PresetName): string {
  switch (name) {
    case "oauth-only":
      return oauthOnly;
    case "skype-online":
      return skypeOnline;
    case "teams":
      return teams;
    case "hybrid":
      return hybrid;
  }
}
