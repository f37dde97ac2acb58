import { expect, test } from "vitest";
import { tokensInText, withoutTokens } from "../../src/decoders/token-in-text.ts";
import { actAsToken, actorToken, segment } from "./token-maker.ts";

const removed = actorToken.replace(/[^.]+$/, "<sig:ab3d>");
const encrypted = `${segment({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`;

test.each([
  [`token="${actorToken}"`, [actorToken], 'token="<token>"'],
  [`Bearer ${removed}, Bearer ${actAsToken()}`, [removed, actAsToken()], "Bearer <token>, Bearer <token>"],
  [`x ${encrypted} y`, [encrypted], "x <token> y"],
  [`%20${actorToken}`, [actorToken], "%<token>"],
  ["mail.contoso.com", [], "mail.contoso.com"],
  ["https://ewserver.contoso.com/eyes/autodiscover.xml", [], "https://ewserver.contoso.com/eyes/autodiscover.xml"],
  ["eyJhbGciOiJub25lIn0 and no dots", [], "eyJhbGciOiJub25lIn0 and no dots"],
  [
    "Microsoft.Exchange.WebServices.Data.ServiceRequestException",
    [],
    "Microsoft.Exchange.WebServices.Data.ServiceRequestException",
  ],
  ["", [], ""],
])("%#", (text, tokens, shown) => {
  expect(tokensInText(text)).toEqual(tokens);
  expect(withoutTokens(text)).toBe(shown);
});
