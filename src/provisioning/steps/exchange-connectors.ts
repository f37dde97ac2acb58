// Steps 1g to 1i: the connectors between the two organizations, and the address space for older servers.
import { isTrue, listProperty, onDomainController, readObjects, textProperty } from "../exchange/read-objects.ts";
import { connectExchangeOnline } from "../model/clouds.ts";
import type { Settings } from "../model/settings.ts";
import type { Step } from "../model/step.ts";
import { guideStep, hybridWizard } from "./guide-step.ts";

/** The connector from Exchange to Exchange Online: a gate for later steps. */
export function connectorStep(settings: Settings): Step {
  const byHand = `New-IntraOrganizationConnector -Name ExchangeHybridOnPremisesToOnline -DiscoveryEndpoint https://${settings.cloud.exchangeOnline}/autodiscover/autodiscover.svc -TargetAddressDomains <the tenant's routing domain>`;
  const step = guideStep(
    {
      id: "s1.g",
      title: "connector from Exchange to Exchange Online",
      about: "Create an IntraOrganizationConnector from your on-premises organization to Office 365.",
    },
    async (ports) => {
      const all = await readObjects(ports, "Get-IntraOrganizationConnector", onDomainController(ports, {}));
      const enabled = all.filter((object) => isTrue(object, "Enabled"));
      const [only] = enabled;
      if (only === undefined) return { state: "absent", notes: [`${hybridWizard}${byHand}`] };
      const facts = {
        names: enabled.map((object) => textProperty(object, "Name")),
        domains: enabled.flatMap((object) => listProperty(object, "TargetAddressDomains")),
      };
      const notes = facts.domains.length > 0 ? [`It covers ${facts.domains.join(", ")}.`] : ["It covers no domain."];
      return { state: "present", facts, notes };
    },
  );
  return { ...step, kind: "gate" };
}

/** The connector in the other direction, which only Exchange Online PowerShell can create. */
export function cloudConnectorStep(settings: Settings): Step {
  const byHand = `in Exchange Online PowerShell (${connectExchangeOnline(settings.cloud)}): New-IntraOrganizationConnector -Name ExchangeHybridOnlineToOnPremises -DiscoveryEndpoint https://autodiscover.${settings.domain}/autodiscover/autodiscover.svc -TargetAddressDomains ${settings.domain}`;
  const message = `This connector needs Exchange Online PowerShell, which is not loaded here because its cmdlets have the same names. By hand, ${byHand}`;
  return guideStep(
    { id: "s1.h", title: "connector from Exchange Online to Exchange", about: "The mirror in Office 365." },
    async () => ({
      state: "unchecked",
      message,
    }),
  );
}

/** Out of scope: the step only reports that. */
export function availabilityStep(): Step {
  const message =
    "Needed only with servers older than Exchange 2013 SP1 (Add-AvailabilityAddressSpace). Out of scope here.";
  return guideStep(
    { id: "s1.i", title: "availability address space", about: "Configure an AvailabilityAddressSpace." },
    async () => ({
      state: "unchecked",
      message,
    }),
  );
}
