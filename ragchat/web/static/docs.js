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

// A request of the visitor's own: a field for each parameter, the body, and what comes back as it comes.
function trial(verb, path, operation, body) {
  const form = make("form", "trial");
  const inputs = (operation.parameters || []).filter((one) => one.in !== "header").map((one) => {
    const input = make("input");
    Object.assign(input, { name: one.name, required: Boolean(one.required), placeholder: typeOf(one.schema) });
    form.append(make("label", "", make("span", "", one.name), input));
    return [one, input];
  });
  const files = operation.requestBody?.content?.["multipart/form-data"] && make("input");
  if (files) {
    Object.assign(files, { type: "file", multiple: true, name: "file" });
    form.append(make("label", "", make("span", "", "file"), files));
  }
  const text = body && !files && make("textarea");
  if (text) {
    text.value = JSON.stringify(body.examples?.[0] ?? {}, null, 2);
    text.rows = text.value.split("\n").length;
    form.append(make("label", "", make("span", "", "Body"), text));
  }
  const send = make("button", "", "Send");
  const stop = make("button", "", "Stop");
  const answer = make("pre", "answer");
  answer.hidden = stop.hidden = true;
  stop.type = "button";
  form.append(send, stop, answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    answer.hidden = stop.hidden = false;
    send.disabled = true;
    answer.textContent = "…";
    await sent(verb, path, inputs, text, files, answer, abort.signal).catch((error) => {
      answer.textContent += `\n${error.name === "AbortError" ? "Stopped." : error.message}`;
    });
    send.disabled = false;
    stop.hidden = true;
  });
  return form;
}

async function sent(verb, path, inputs, text, files, answer, signal) {
  const query = new URLSearchParams();
  let address = path;
  for (const [one, { value }] of inputs.filter(([, input]) => input.value)) {
    if (one.in === "path") address = address.replace(`{${one.name}}`, encodeURIComponent(value));
    else query.append(one.name, value);
  }
  const headers = {};
  const key = document.getElementById("key").value;
  if (key) headers["X-API-Key"] = key;
  let content;
  if (text) [content, headers["Content-Type"]] = [text.value, "application/json"];
  if (files) content = [...files.files].reduce((form, file) => (form.append("file", file), form), new FormData());
  const response = await fetch(`${address}${query.size ? `?${query}` : ""}`, { method: verb.toUpperCase(), headers, body: content, signal });
  answer.textContent = `${response.status} ${response.statusText}\n`;
  const whole = response.headers.get("content-type")?.includes("json");
  if (whole || !response.body) return void (answer.textContent += pretty(await response.text()));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) answer.textContent += piece.value;
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
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
  inside.append(make("h3", "", "Try it"), make("pre", "", example(verb, path, body)), trial(verb, path, operation, body));
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
