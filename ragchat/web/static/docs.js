// The API's description, drawn from /openapi.json: what a person needs to make a call, without a remote script.

const VERBS = ["get", "post", "patch", "delete"];

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function resolve(api, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? api.components.schemas[name] : schema;
}

// A type in a few characters: "string", "integer | null", "Citation[]".
function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const choices = schema.anyOf || schema.oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `${typeOf(schema.items) || "any"}[]`;
  return schema.type || "any";
}

function limits(schema) {
  const all = [schema, ...(schema.anyOf || [])];
  const said = [];
  for (const [name, word] of [["minLength", "at least"], ["maxLength", "at most"], ["minimum", "from"], ["maximum", "to"], ["default", "default"]]) {
    const found = all.find((one) => one[name] !== undefined && one[name] !== null && one[name] !== "");
    if (found) said.push(`${word} ${JSON.stringify(found[name])}`);
  }
  return said.join(", ");
}

function table(rows) {
  return make("table", "", make("tbody", "", ...rows.map((cells) => make("tr", "", ...cells.map((cell) => make("td", "", cell))))));
}

function fields(schema) {
  return Object.entries(schema.properties || {}).map(([name, part]) => [name + ((schema.required || []).includes(name) ? " *" : ""), typeOf(part), limits(part)]);
}

function example(verb, path, body) {
  const url = `${location.origin}${path}`;
  if (!body) return `curl ${verb === "get" ? "" : `-X ${verb.toUpperCase()} `}'${url}'`;
  const sample = { message: "How long is the warranty?", title: "Warranty", rating: "up" };
  const given = Object.fromEntries((body.required || []).map((name) => [name, sample[name] ?? ""]));
  return `curl -N '${url}' ${verb === "post" ? "" : `-X ${verb.toUpperCase()} `}-H 'content-type: application/json' \\\n  -d '${JSON.stringify(given)}'`;
}

function drawRoute(api, path, verb, operation) {
  const about = (operation.description || operation.summary || "").split("\n\n");
  const inside = make("div", "inside", ...about.map((part) => make("p", "", part)));
  const parameters = (operation.parameters || []).map((one) => [`${one.name}${one.required ? " *" : ""}`, `${one.in}: ${typeOf(one.schema)}`, limits(one.schema)]);
  if (parameters.length) inside.append(make("h3", "", "Parameters"), table(parameters));
  const sent = resolve(api, operation.requestBody?.content?.["application/json"]?.schema);
  const body = sent?.anyOf ? resolve(api, sent.anyOf[0]) : sent;
  if (body) inside.append(make("h3", "", "Body"), table(fields(body)));
  const replies = Object.entries(operation.responses).map(([status, reply]) => {
    const content = Object.entries(reply.content || {});
    return [status, content.map(([kind, part]) => (kind === "application/json" ? typeOf(part.schema) : kind)).join(", "), reply.description];
  });
  inside.append(make("h3", "", "Replies"), table(replies));
  const good = resolve(api, operation.responses["200"]?.content?.["application/json"]?.schema);
  if (good?.properties) inside.append(make("h3", "", "Reply fields"), table(fields(good)));
  inside.append(make("h3", "", "Try"), make("pre", "", example(verb, path, body)));
  const summary = make("summary", "", make("span", "verb", verb.toUpperCase()), make("span", "path", path), make("span", "what", about[0]));
  return make("details", "route", summary, inside);
}

async function begin() {
  const api = await fetch("/openapi.json").then((response) => response.json());
  document.getElementById("version").textContent = `version ${api.info.version}`;
  document.getElementById("lead").textContent = api.info.description;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const verb of VERBS.filter((one) => item[one])) {
      const tag = item[verb].tags?.[0] || "other";
      groups.set(tag, [...(groups.get(tag) || []), drawRoute(api, path, verb, item[verb])]);
    }
  }
  for (const [tag, routes] of groups) document.getElementById("api").append(make("h2", "", tag), ...routes);
}

begin();
