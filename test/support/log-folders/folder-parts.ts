// What a folder of captures/logs is, and the columns that several of them share.
import { applications, user } from "../../../src/lab/names.ts";
import { info, type LogText, type Row } from "./log-rows.ts";

export interface ExpectedHandshake {
  /** Application id; null where no row names the application. */
  readonly caller: string | null;
  readonly server: string;
  readonly direction: "inbound" | "outbound";
  readonly verdict: string;
  readonly basis: "log" | "traffic";
  readonly callerShownBy: string | null;
  /** Empty where no row shows it. */
  readonly realm: string;
}

export interface ExpectedAnswer {
  readonly exitCode: number;
  readonly verdict: string;
  readonly handshakes: readonly ExpectedHandshake[];
  /** Findings that must be there. */
  readonly findings: readonly string[];
  /** Rows that are judged, and all other readable rows. */
  readonly rows: { readonly kept: number; readonly dropped: number };
}

export interface LogFolder {
  readonly name: string;
  /** One sentence: what the rows are. */
  readonly rows: string;
  readonly files: readonly LogText[];
  readonly expected: ExpectedAnswer;
}

const { teamsScheduler } = applications;

/** Columns of a call that Exchange took an OAuth token for. */
export const accepted: Row = {
  AuthenticationType: "Bearer",
  IsAuthenticated: "true",
  HttpStatus: "200",
  BackEndStatus: "200",
};
export const appOnly: Row = { ...accepted, AuthenticatedUser: `S2S~${teamsScheduler}` };
export const acting: Row = {
  ...accepted,
  AuthenticatedUser: `<unverified>actas1(smtp:${user.address}|upn:${user.address})`,
  GenericInfo: info(["ActAsUserVerified", "False"]),
};
export const probe: Row = { AuthenticationType: "Bearer", HttpStatus: "401", UserAgent: "SkypeSpaces/1.0a$*+" };
export const extraInfo = (app: string, error = ""): string =>
  `Category:S2SAppActAs|AppId:S2S~${app}|smtp:${user.address}${error === "" ? "" : `|ErrorCode:${error}`}`;
export const common = (name: string, value: string): readonly [string, string] => [
  `S:ServiceCommonMetadata.${name}`,
  value,
];

export const refusedRow = (category: string, text: string): Row => ({
  ...probe,
  GenericInfo: info(
    common("OAuthExtraInfo", extraInfo(teamsScheduler, category)),
    common("OAuthError", `Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: ${text}`),
    common("OAuthErrorCategory", category),
  ),
});

export const byLog = (
  caller: string | null,
  verdict: string,
  callerShownBy: string | null,
  rest: Partial<ExpectedHandshake> = {},
): ExpectedHandshake => ({
  ...{ caller, server: "mail.contoso.example", direction: "inbound", verdict, basis: "log", callerShownBy, realm: "" },
  ...rest,
});
