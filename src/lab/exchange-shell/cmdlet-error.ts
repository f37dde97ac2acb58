// Errors of the lab's cmdlets: stable type and id, message in the administrator's language.
import type { ShellManner } from "./directory-state.ts";

export interface CmdletError {
  readonly type: string;
  readonly id: string;
  readonly category: string;
  readonly about: string;
}

/** Thrown by cmdlets; any other exception is a bug of the lab. */
export class CmdletFailure extends Error {
  readonly error: CmdletError;

  constructor(error: CmdletError) {
    super(error.type);
    this.error = error;
  }
}

export function notFound(cmdlet: string, about: string): CmdletFailure {
  return new CmdletFailure({
    type: "ManagementObjectNotFoundException",
    id: `8D22F2BA,Microsoft.Exchange.Management.${cmdlet.replace("-", "")}`,
    category: "NotSpecified",
    about,
  });
}

export function alreadyExists(cmdlet: string, about: string): CmdletFailure {
  return new CmdletFailure({
    type: "ADObjectAlreadyExistsException",
    id: `25E6BF5C,Microsoft.Exchange.Management.${cmdlet.replace("-", "")}`,
    category: "NotSpecified",
    about,
  });
}

const texts: Readonly<Record<string, Readonly<Record<ShellManner["language"], string>>>> = {
  ManagementObjectNotFoundException: {
    "en-US": "The operation couldn't be performed because object '%' couldn't be found.",
    "zh-TW": "無法執行作業,因為找不到物件「%」。",
  },
  ADObjectAlreadyExistsException: {
    "en-US": "Active Directory operation failed. The object '%' already exists.",
    "zh-TW": "Active Directory 作業失敗。物件「%」已經存在。",
  },
  ProxyAddressExistsException: {
    "en-US": "The proxy address '%' is already being used by another recipient.",
    "zh-TW": "Proxy 位址「%」已由其他收件者使用。",
  },
  CommandNotFoundException: {
    "en-US": "The term '%' is not recognized as the name of a cmdlet, function, script file, or operable program.",
    "zh-TW": "無法辨識 '%' 詞彙是否為 Cmdlet、函數、指令檔或可執行程式的名稱。",
  },
  ParameterBindingException: {
    "en-US": "A parameter cannot be found that matches parameter name '%'.",
    "zh-TW": "找不到符合參數名稱 '%' 的參數。",
  },
  ADTransientException: {
    "en-US": "Active Directory server % is not available.",
    "zh-TW": "Active Directory 伺服器 % 無法使用。",
  },
};

/** The server's message for an error; unknown types get a general sentence in the same language. */
export function messageOf(error: CmdletError, language: ShellManner["language"]): string {
  const general = { "en-US": "The operation failed: %", "zh-TW": "作業失敗:%" };
  return (texts[error.type] ?? general)[language].replace("%", error.about);
}
