// Loaded into the program (node --import): writes the URL of each module that it loads to $MODULE_LIST, one a line.
import { appendFileSync } from "node:fs";
import * as modules from "node:module";

// Node 26 warns of register(); Node 20 does not have registerHooks() yet.
if (modules.registerHooks === undefined) {
  const hook = `
import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync(process.env.MODULE_LIST, url + "\\n");
  return next(url, context);
}`;
  modules.register(`data:text/javascript,${encodeURIComponent(hook)}`);
} else {
  modules.registerHooks({
    load(url, context, next) {
      appendFileSync(process.env.MODULE_LIST, `${url}\n`);
      return next(url, context);
    },
  });
}
