// What Microsoft's two pages ask for, as data. `teams` is today's page; `skype-online` is the page of 2021, for existing
// set-ups of 2019 to 2021: a new one would give full roles to an application that is about to be retired.

export type ProfileName = "teams" | "skype-online" | "both" | "hybrid-app";
/** The profiles that can be planned and applied. */
export const appliedProfiles = ["teams", "skype-online", "both"] as const satisfies readonly ProfileName[];
/** `hybrid-app` is only checked: Microsoft's own script sets up the dedicated hybrid application. */
export const profileNames: readonly ProfileName[] = [...appliedProfiles, "hybrid-app"];
export const defaultProfile: ProfileName = "teams";

/** A page of Microsoft that steps come from. */
export interface Page {
  /** Short name, for one line of a plan. */
  readonly name: string;
  readonly title: string;
  /** The page's own date (`ms.date`), or the month of the copy that was read. */
  readonly date: string;
}

export const pages = {
  teams: {
    name: "Teams page",
    title: "Configure Integration and OAuth between Microsoft Teams services and Exchange Server",
    date: "2025-06-26",
  },
  skype: {
    name: "Skype page",
    title: "Configure Integration and OAuth between Skype for Business Online and Exchange Server",
    date: "2019-04-02",
  },
  oauth: {
    name: "OAuth page",
    title: "Configure OAuth authentication between Exchange and Exchange Online organizations",
    date: "2021-07",
  },
  hybridApp: { name: "Hybrid app page", title: "Deploy dedicated Exchange hybrid app", date: "2026-05" },
} as const satisfies Readonly<Record<string, Page>>;

/** The pages of a profile, today's first: what both have is cited from today's. */
export function pagesOf(profile: ProfileName): readonly Page[] {
  return { "skype-online": [pages.skype], teams: [pages.teams], both: [pages.teams, pages.skype], "hybrid-app": [] }[
    profile
  ];
}

/** A mail user that a partner application acts as. */
export interface WantedAccount {
  readonly page: Page;
  /** Short word in step ids, independent of the object's name. */
  readonly key: string;
  readonly name: string;
  /** Part of its address before the @. */
  readonly addressName: string;
  /** Made with -ApplicationAccount, as today's page does. */
  readonly isApplicationAccount: boolean;
  readonly roles: readonly string[];
}

/** A custom role: a child of `parent` that keeps only the named entries. */
export interface WantedRole {
  readonly page: Page;
  readonly key: string;
  readonly name: string;
  readonly parent: string;
  readonly entries: readonly string[];
}

export interface WantedPartner {
  readonly page: Page;
  /** Its section there. */
  readonly section: string;
  readonly key: string;
  readonly name: string;
  readonly appId: string;
  /** Key of the account it is linked to, null for none. */
  readonly account: string | null;
}

export interface Profile {
  readonly accounts: readonly WantedAccount[];
  readonly roles: readonly WantedRole[];
  readonly partners: readonly WantedPartner[];
  /** Applications whose service principal must hold the auth certificate. */
  readonly servicePrincipals: readonly string[];
}

export const appIds = {
  exchange: "00000002-0000-0ff1-ce00-000000000000",
  skypeForBusiness: "00000004-0000-0ff1-ce00-000000000000",
  teamsScheduler: "7557eb47-c689-4224-abcf-aef9bd7573df",
  cloudVoicemail: "db7de2b5-2149-435e-8043-e080dd50afae",
} as const;

const skypeOnline: Profile = {
  accounts: [
    {
      page: pages.skype,
      key: "skype",
      name: "SfBOnline-ApplicationAccount",
      addressName: "SfBOnline-ApplicationAccount",
      isApplicationAccount: false,
      roles: ["UserApplication", "ArchiveApplication"],
    },
  ],
  roles: [],
  partners: [
    {
      page: pages.skype,
      section: "3",
      key: "skype",
      name: "SfBOnline",
      appId: appIds.skypeForBusiness,
      account: "skype",
    },
  ],
  servicePrincipals: [appIds.skypeForBusiness],
};

const teams: Profile = {
  accounts: [
    {
      page: pages.teams,
      key: "teams",
      name: "TeamsScheduler",
      addressName: "TeamsScheduler-ApplicationAccount",
      isApplicationAccount: true,
      roles: ["TeamsSchedulerRole"],
    },
  ],
  roles: [
    {
      page: pages.teams,
      key: "scheduler",
      name: "TeamsSchedulerRole",
      parent: "UserApplication",
      entries: ["GetDelegate"],
    },
  ],
  partners: [
    {
      page: pages.teams,
      section: "3",
      key: "teams-scheduler",
      name: "TeamsScheduler",
      appId: appIds.teamsScheduler,
      account: "teams",
    },
    {
      page: pages.teams,
      section: "4",
      key: "cloud-voicemail",
      name: "CloudVoicemail",
      appId: appIds.cloudVoicemail,
      account: null,
    },
  ],
  servicePrincipals: [appIds.cloudVoicemail, appIds.teamsScheduler, appIds.skypeForBusiness],
};

const both: Profile = {
  accounts: [...skypeOnline.accounts, ...teams.accounts],
  roles: teams.roles,
  partners: [...skypeOnline.partners, ...teams.partners],
  servicePrincipals: teams.servicePrincipals,
};

/** Of `hybrid-app` nothing is created here. */
const checkedOnly: Profile = { accounts: [], roles: [], partners: [], servicePrincipals: [] };

/** The word of each application whose service principal `--without` can leave out. */
export const principalWords: Readonly<Record<string, string>> = {
  voicemail: appIds.cloudVoicemail,
  scheduler: appIds.teamsScheduler,
  skype: appIds.skypeForBusiness,
};

/** The kinds of objects that `--name KIND:DEFAULT=OWN` can name: both pages' accounts, roles and partner applications. */
export const namedKinds = ["account", "role", "partner"] as const;
type NamedKind = (typeof namedKinds)[number];

/** The answers that decide what a profile holds. */
export interface ProfileChoice {
  readonly profile: ProfileName;
  /** Own names by default name (every kind of object), or by `kind:default name` (that kind alone). */
  readonly names: Readonly<Record<string, string>>;
  /** Application ids whose service principal is left out; plans of earlier versions have none. */
  readonly without?: readonly string[] | undefined;
}

/** The profile of these answers: default names replaced by the given ones, without the service principals that are left out. */
export function profileOf({ profile, names, without = [] }: ProfileChoice): Profile {
  const wanted = wholeProfile(profile);
  const renamed = (kind: NamedKind, given: string): string => names[`${kind}:${given}`] ?? names[given] ?? given;
  return {
    accounts: wanted.accounts.map((account) => ({
      ...account,
      name: renamed("account", account.name),
      roles: account.roles.map((role) => renamed("role", role)),
    })),
    roles: wanted.roles.map((role) => ({ ...role, name: renamed("role", role.name) })),
    partners: wanted.partners.map((partner) => ({ ...partner, name: renamed("partner", partner.name) })),
    servicePrincipals: wanted.servicePrincipals.filter((appId) => !without.includes(appId)),
  };
}

/** A profile as the pages have it. */
export function wholeProfile(name: ProfileName): Profile {
  return { "skype-online": skypeOnline, teams, both, "hybrid-app": checkedOnly }[name];
}

/** One line on what the profile that was not chosen would add. */
export function otherProfile(name: ProfileName): string {
  switch (name) {
    case "skype-online":
      return "--profile teams would add: the account TeamsScheduler with a role cut to GetDelegate, partner applications for Teams Scheduler and Cloud Voicemail, and the certificate on their service principals.";
    case "teams":
      return "--profile skype-online, for set-ups of 2019 to 2021 that exist, would add: the account SfBOnline-ApplicationAccount with UserApplication and ArchiveApplication, and the partner application SfBOnline for 00000004-0000-0ff1-ce00-000000000000.";
    case "both":
      return "Both profiles are planned; there is no other.";
    case "hybrid-app":
      return "--profile hybrid-app is only checked.";
  }
}
