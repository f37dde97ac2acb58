import { CmdletFailure, messageOf } from "../../src/lab/exchange-shell/cmdlet-error.ts";
import { runCmdlet } from "../../src/lab/exchange-shell/cmdlets.ts";
import { changeDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import type { ExchangeShell, ShellAnswer } from "../../src/provisioning/model/exchange-shell.ts";

/** How a changing call goes wrong: its answer is lost, or it is an error, before or after the effect. */
export type CallFault = "lost-before" | "lost-after" | "error-before" | "error-after";

/**
 * The lab's directory without a process around it: hundreds of runs in a second. `faultAt` says what goes wrong at the
 * n-th changing call. A lost answer takes the shell with it, as a dead process does.
 */
export function directShell(directory: string, faultAt: (write: number) => CallFault | undefined): ExchangeShell {
  let writes = 0;
  let isDead = false;
  const ended = (effectUnknown: boolean): ShellAnswer => ({
    ok: false,
    error: { type: "ShellEnded", id: "ShellEnded", category: "ConnectionError", message: "The shell ended." },
    effectUnknown,
  });
  return {
    call(cmdlet, parameters) {
      if (isDead) return Promise.resolve(ended(false));
      const isChange = !/^(?:Get|Test)-/.test(cmdlet);
      const fault = isChange ? faultAt(writes++) : undefined;
      if (fault === "lost-before" || fault === "lost-after") isDead = true;
      if (fault === "lost-before") return Promise.resolve(ended(true));
      if (fault === "error-before") return Promise.resolve(unreachable);
      const answer = changeDirectory(directory, (state) => {
        const [next, outcome] = runCmdlet(state, cmdlet, parameters as Parameters<typeof runCmdlet>[2]);
        return [next, answerOf(outcome)];
      });
      if (fault === "lost-after") return Promise.resolve(ended(true));
      return Promise.resolve(fault === "error-after" ? unreachable : answer);
    },
    stop: () => Promise.resolve(),
  };
}

const unreachable: ShellAnswer = {
  ok: false,
  error: { type: "ADTransientException", id: "ADTransientException", category: "ResourceUnavailable", message: "暫時" },
  effectUnknown: false,
};

function answerOf(outcome: ReturnType<typeof runCmdlet>[1]): ShellAnswer {
  if (!(outcome instanceof CmdletFailure)) return { ok: true, objects: outcome, warnings: [] };
  const { type, id, category } = outcome.error;
  const error = { type, id, category, message: messageOf(outcome.error, "zh-TW") };
  return { ok: false, error, effectUnknown: false };
}
