// `provision` without a verb: on a terminal it asks for missing answers, shows the plan and applies it; elsewhere it plans.
import confirm from "@inquirer/confirm";
import input from "@inquirer/input";
import select from "@inquirer/select";
import { type Answers, type ProvisionOptions, readAnswers } from "../../app/setup/answers.ts";
import { checkRunsFolder } from "../../app/setup/run-folder.ts";
import { ToolError } from "../../core/tool-error.ts";
import { clouds } from "../../provisioning/model/clouds.ts";
import { appliedProfiles } from "../../provisioning/model/profiles.ts";
import { readDomain, readHost, readTenant } from "../../provisioning/model/settings.ts";
import { isTerminal } from "./consent.ts";
import { planAndApply } from "./provision-apply.ts";
import { provisionExit, withExitCodes } from "./provision-exit.ts";
import { isCheckedOnly, runGates } from "./provision-gates.ts";
import { runPlan } from "./provision-plan.ts";
import { withProvisioning } from "./with-provisioning.ts";

/** Asks, plans, applies, verifies. Gives the exit code. */
export async function runWizard(options: ProvisionOptions): Promise<number> {
  if (await isCheckedOnly(options)) return runGates(options);
  if (!isTerminal() || options.json === true) return runPlan(options);
  return withExitCodes(async () => {
    checkRunsFolder();
    let asked: ProvisionOptions;
    try {
      asked = await askMissing(options, await readAnswers(options));
    } catch (error) {
      // How the prompts library reports Ctrl-C at a question.
      if (error instanceof Error && error.name === "ExitPromptError") return provisionExit.interrupted;
      throw error;
    }
    return withProvisioning(asked, (provisioning) => planAndApply(provisioning, { ...asked }));
  });
}

async function askMissing(options: ProvisionOptions, known: Answers): Promise<ProvisionOptions> {
  const profile = known.profile ?? (await askProfile());
  const domain =
    known.domain ?? (await ask("Verified domain of the Exchange accounts:", (text) => readDomain(text, "--domain")));
  const isCloudOnly = known.only === "cloud";
  const dc =
    known.dc ??
    (isCloudOnly ? undefined : await ask("Domain controller for every call (FQDN):", (text) => readHost(text, "--dc")));
  const server = known.server ?? (isCloudOnly ? undefined : await askServer());
  const tenant =
    known.tenant ??
    (known.only === "exchange" ? undefined : await ask("Tenant id (a GUID):", (text) => readTenant(text, null)));
  const cloud =
    known.cloud ?? (known.graphUrl === undefined && known.only !== "exchange" ? await askCloud() : undefined);
  return { ...options, profile, domain, dc, server, tenant, cloud, ...(await askExchange(known, isCloudOnly)) };
}

function askProfile(): Promise<string> {
  return select({
    message: "Which procedure?",
    choices: appliedProfiles.map((name) => ({ name: profileText[name], value: name })),
  });
}

const profileText = {
  "skype-online": "skype-online: the page of 2021, Skype for Business Online, for set-ups of 2019 to 2021 that exist",
  teams: "teams: today's page, Teams scheduler and Cloud Voicemail",
  both: "both",
} as const;

async function askServer(): Promise<string | undefined> {
  const server = await ask("One Exchange server whose certificate counts (empty: all mailbox servers):", (text) =>
    text.trim() === "" ? "" : readHost(text, "--server"),
  );
  return server === "" ? undefined : server;
}

function askCloud(): Promise<string> {
  return select({ message: "Which cloud?", choices: clouds.map(({ name }) => ({ name, value: name })) });
}

async function askExchange(
  known: Answers,
  isCloudOnly: boolean,
): Promise<Pick<ProvisionOptions, "exchange" | "exchangeHost">> {
  if (isCloudOnly || known.exchange !== undefined || known.lab !== undefined) return {};
  const exchange = await select<"local" | "remote" | "ssh">({
    message: "How is Exchange reached?",
    choices: [
      { name: "the management shell on this server", value: "local" },
      { name: "a remote session to an Exchange server", value: "remote" },
      { name: "SSH to an Exchange server", value: "ssh" },
    ],
  });
  if (exchange === "local") return { exchange };
  const exchangeHost = known.exchangeHost ?? (await input({ message: "Which server?", required: true }));
  return { exchange, exchangeHost };
}

/** Asks a question; `read` checks the answer as it checks the flag. */
async function ask(message: string, read: (text: string) => string): Promise<string> {
  const answer = await input({
    message,
    validate: (text) => {
      try {
        read(text);
        return true;
      } catch (error) {
        if (error instanceof ToolError) return error.message;
        throw error;
      }
    },
  });
  const used = read(answer);
  if (used === answer.trim() || used === "") return used;
  return (await confirm({ message: `Use ${used}?`, default: true })) ? used : ask(message, read);
}
