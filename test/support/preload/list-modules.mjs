// Loaded into the program (node --import): writes the file of each module that it loads to $MODULE_LIST, one a line.
import { register } from "node:module";

const hook = `
import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync(process.env.MODULE_LIST, url + "\\n");
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
