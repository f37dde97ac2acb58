// The facts of a call to Microsoft Graph. Types only.

/** What a Graph call reads, by the end of its path; `batch` carries several calls, `unknown` is any other path. */
export type GraphFamily = "free-busy" | "mail-tips" | "mailbox-settings" | "photo" | "batch" | "unknown";
