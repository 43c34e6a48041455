// Reads a list of workflows and prints for each what GitHub's own language service finds wrong in it.
import { readFileSync } from "node:fs";
import { register } from "node:module";

// it imports JSON as bundlers like it, not as Node does
const load = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);`;
register(`data:text/javascript,${encodeURIComponent(load)}`);

const packages = `${process.argv[2]}/node_modules`;
const { validate } = await import(`${packages}/@actions/languageservice/dist/index.js`);
const { TextDocument } = await import(`${packages}/vscode-languageserver-textdocument/lib/esm/main.js`);
const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  const document = TextDocument.create(`file:///.github/workflows/${found.length}.yml`, "yaml", 0, text);
  found.push((await validate(document)).map((fault) => `${fault.range.start.line + 1}: ${fault.message}`));
}
console.log(JSON.stringify(found));
