// The procedure: its steps in their order.
import type { CertificateFacts } from "../model/certificate.ts";
import { profileOf } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import { pageText, type Step } from "../model/step.ts";
import { accountStep, hiddenStep } from "./account.ts";
import { answerSteps } from "./answers-in-exchange.ts";
import { authCertificateStep } from "./auth-certificate.ts";
import { exchangeOnlineSteps } from "./exchange-online.ts";
import { keyStep } from "./key-credential.ts";
import { legacyStep } from "./legacy-application.ts";
import { partnerStep } from "./partner-application.ts";
import { roleAssignmentStep } from "./role-assignment.ts";
import { roleDefinitionStep, roleDefinitionStepId, roleEntriesStep, roleEntriesStepId } from "./role-definition.ts";

/** Every step of the chosen profile; none of `hybrid-app`, which is only checked (gates/). The certificate comes first: the steps that upload it need it, and so does step 1. */
export function stepsFor(settings: Settings, given: readonly CertificateFacts[] = []): readonly Step[] {
  if (settings.profile === "hybrid-app") return [];
  const profile = profileOf(settings);
  const needsOf = (role: string): readonly string[] =>
    profile.roles
      .filter(({ name }) => name === role)
      .flatMap(({ key }) => [roleDefinitionStepId(key), roleEntriesStepId(key)]);
  const steps: readonly Step[] = [
    ...answerSteps(settings),
    authCertificateStep(settings, given),
    ...exchangeOnlineSteps(settings),
    ...profile.accounts.flatMap((account) => [accountStep(settings, account), hiddenStep(settings, account)]),
    ...profile.roles.flatMap((role) => [roleDefinitionStep(settings, role), roleEntriesStep(settings, role)]),
    ...profile.accounts.flatMap((account) =>
      account.roles.map((role) => roleAssignmentStep(settings, account, role, needsOf(role))),
    ),
    ...profile.partners.map((partner) => partnerStep(settings, partner)),
    ...profile.servicePrincipals.map((appId) => keyStep(settings, appId)),
    ...(settings.profile === "skype-online" ? [] : [legacyStep(settings)]),
  ];
  return steps.filter((step) => settings.only === null || step.side === settings.only).map(citing);
}

/** The step with its page in the title of each script step. */
function citing(step: Step): Step {
  return {
    ...step,
    script: () => step.script().map((item) => ({ ...item, title: `${item.title} (${pageText(step.page)})` })),
  };
}
