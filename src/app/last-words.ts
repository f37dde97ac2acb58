// What must be done before the process ends, whatever ends it: an exception that nobody caught, a second signal, a call of
// process.exit. What stands here runs at once, without a turn of the event loop.
/** Does its part; true when the process cannot end by itself, as another thread waits for a disk that does not answer. */
type LastWord = () => boolean;

const words = new Set<LastWord>();
let cannotEnd = false;
let isListening = false;

/** Calls `say` before the process ends, until it is released. */
export function beforeTheEnd(say: LastWord): { release(): void } {
  if (!isListening) process.prependListener("exit", onExit);
  isListening = true;
  words.add(say);
  return { release: () => void words.delete(say) };
}

/** Says all that is left to say; nothing twice. */
export function sayLastWords(): void {
  for (const say of words) {
    words.delete(say);
    try {
      cannotEnd = say() || cannotEnd;
    } catch {
      // One that fails must not cost the others.
    }
  }
}

/** Node waits for its threads when it ends; one that is stuck in the kernel would hold the process, and its ports, for ever. */
function onExit(): void {
  sayLastWords();
  if (!cannotEnd) return;
  process.removeAllListeners("SIGTERM");
  process.kill(process.pid, "SIGTERM");
}
