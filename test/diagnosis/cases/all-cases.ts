import { adviceCases } from "./advice-cases.ts";
import { adviceRefusalCases } from "./advice-refusal-cases.ts";
import { callerCases } from "./caller-cases.ts";
import { captureCases } from "./capture-cases.ts";
import { discoveryCases } from "./discovery-cases.ts";
import { federationCases } from "./federation-cases.ts";
import type { FindingCase } from "./finding-case.ts";
import { gateCases } from "./gate-cases.ts";
import { graphCases } from "./graph-cases.ts";
import { hybridAppCases } from "./hybrid-app-cases.ts";
import { logCases } from "./log-cases.ts";
import { otherRefusalCases } from "./other-refusal-cases.ts";
import { refusalCases } from "./refusal-cases.ts";
import { refusalDetailCases } from "./refusal-detail-cases.ts";
import { signInCases } from "./sign-in-cases.ts";
import { tokenCases } from "./token-cases.ts";

export const caseGroups: Readonly<Record<string, readonly FindingCase[]>> = {
  "sign-ins and challenges": signInCases,
  tokens: tokenCases,
  "callers that nothing proves": callerCases,
  "refusals and the token service": refusalCases,
  "refusals of other tokens": otherRefusalCases,
  "the texts of refusals": refusalDetailCases,
  "the gate of EWS and its end": gateCases,
  "answers of Microsoft Graph": graphCases,
  "the first leg of Teams": discoveryCases,
  "federation towards the cloud": federationCases,
  "the capture itself": captureCases,
  "advice by caller, resource and cloud": [...adviceCases, ...adviceRefusalCases],
  "the dedicated hybrid application": hybridAppCases,
  "rows of server logs": logCases,
};

export const allCases: readonly FindingCase[] = Object.values(caseGroups).flat();
