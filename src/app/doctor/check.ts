/** One result. `remedy` is empty when it is ok. */
export interface Check {
  readonly name:
    | "port"
    | "ca"
    | "ca-trust"
    | "certificate"
    | "target"
    | "clock"
    | "extended-protection"
    | "log"
    | "log-columns"
    | "log-rights"
    | "failed-requests"
    | "disk";
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  readonly remedy: string;
}

type Name = Check["name"];

export function ok(name: Name, message: string): Check {
  return { name, status: "ok", message, remedy: "" };
}

export function warning(name: Name, message: string, remedy: string): Check {
  return { name, status: "warning", message, remedy };
}

export function failed(name: Name, message: string, remedy: string): Check {
  return { name, status: "failed", message, remedy };
}
