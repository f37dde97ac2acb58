import type { ConnectivityTest } from "../decoders/pasted/connectivity-test.ts";
import type { Finding } from "./catalogue/finding.ts";

/** What the output of Microsoft's test shows beside the values in it; `hasCause`: one of those explains the failure. */
export function judgeConnectivityTest(
  test: ConnectivityTest,
  { hasCause, hasChallenge }: { readonly hasCause: boolean; readonly hasChallenge: boolean },
): readonly Finding[] {
  const { cmdlet, result, server, status, webProxy, isBeforeServer, isCertificateMissing } = test;
  if (isCertificateMissing) return [{ code: "SIGNING_CERTIFICATE_MISSING" }];
  if (hasCause) return [];
  if (isBeforeServer && status >= 400) return [{ code: "WEB_PROXY_REFUSED", proxy: webProxy, server, status }];
  if (result === "passed") return [{ code: "CONNECTIVITY_TEST_PASSED", cmdlet, server }];
  return result === "failed" ? [{ code: "CONNECTIVITY_TEST_FAILED", cmdlet, server, status, hasChallenge }] : [];
}
