export type Severity = "info" | "warning" | "error" | "alarm";
export type FindingCode = "BASIC_FALLBACK" | "TOKEN_EXPIRED";
