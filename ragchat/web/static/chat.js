// The chat page: one conversation, its answers streamed, every citation a click away from the words it rests on.
//
// Answers are drawn with text nodes only: nothing an answer or a document contains becomes markup, a link or a request.
// Offsets in events count Unicode code points; JavaScript strings count UTF-16 units, so `Points` stands between them.

const $ = (id) => document.getElementById(id);
const KEPT = { conversation: "ragchat.conversation", theme: "ragchat.theme" };
const WINDOW = 30_000; // code points of a document shown on either side of a quote
const BACK_OFF = [200, 400, 800, 1600]; // milliseconds before each try to take a dropped stream up again

// `/?collection=…` asks another collection than the server's; `/documents/{id}?collection=…` opens a document of it.
const collection = new URLSearchParams(location.search).get("collection") || "";
let conversation = localStorage.getItem(KEPT.conversation);
let running = null; // the answer that is being made: { turn, abort, stopped }

// --- small parts -----------------------------------------------------------------------------------------------------

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

class Points {
  constructor(text) {
    this.points = /[\ud800-\udbff]/.test(text) ? Array.from(text) : null;
    this.text = text;
  }
  get length() { return this.points ? this.points.length : this.text.length; }
  slice(start, end) { return this.points ? this.points.slice(start, end).join("") : this.text.slice(start, end); }
}

const plural = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

class Problem extends Error {
  constructor(status, body) {
    super(body.detail || "The server could not answer.");
    this.status = status;
    this.code = body.code || `http_${status}`;
    this.hint = body.hint || "";
  }
}

async function request(path, options = {}) {
  const response = await fetch(path, options);
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
  return response;
}

const getJson = async (path) => (await request(path)).json();

function postJson(path, body, signal) {
  return request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
}

// --- the stream ------------------------------------------------------------------------------------------------------

async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop();
      for (const frame of frames) {
        const data = frame.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        if (data.length) yield JSON.parse(data.join("\n"));
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

// Follow an answer to its terminal event, taking a dropped connection up again at the event after the last one seen.
async function follow(turn, open) {
  let response = await open();
  for (let tries = 0; ; ) {
    try {
      for await (const event of eventsOf(response)) {
        tries = 0;
        turn.take(event);
        if (event.type === "done" || event.type === "error") return;
      }
    } catch (error) {
      if (error.name === "AbortError") throw error;
    }
    if (!turn.id) throw new TypeError("the connection was lost");
    response = null;
    while (!response) {
      if (tries >= BACK_OFF.length) throw new TypeError("the connection was lost");
      turn.wait("Reconnecting");
      await new Promise((resolve) => setTimeout(resolve, BACK_OFF[tries]));
      tries += 1;
      response = await request(`/v1/messages/${turn.id}/events?after=${turn.seq}`).catch(() => null);
    }
    if (response.status === 204) return turn.restore(await getJson(`/v1/messages/${turn.id}`));
  }
}

// --- an answer on the page -------------------------------------------------------------------------------------------

class Turn {
  constructor(question) {
    this.question = question;
    this.id = null;
    this.seq = -1;
    this.text = "";
    this.sources = [];
    this.citations = [];
    this.end = null;
    this.waiting = "Searching";
    this.failure = null;
    this.unsaved = "";
    this.rating = null;
    this.node = make("li", { class: "turn" });
    this.drawing = 0;
    this.draw();
  }

  take(event) {
    this.seq = event.seq;
    switch (event.type) {
      case "start":
        this.id = event.message_id;
        conversation = event.conversation_id;
        localStorage.setItem(KEPT.conversation, conversation);
        break;
      case "step":
        if (event.name === "store") this.unsaved = event.detail;
        if (event.state === "started") this.waiting = event.detail || STEPS[event.name] || "Working";
        break;
      case "sources":
        this.sources.push(...event.sources);
        this.waiting = "Reading";
        break;
      case "token":
        this.text += event.token;
        this.waiting = "";
        break;
      case "citation":
        this.citations.push(event.citation);
        break;
      case "done":
        this.end = event;
        this.text = event.response;
        this.citations = event.citations;
        break;
      case "error":
        this.failure = { message: event.message, code: event.code };
        break;
    }
    this.later();
  }

  restore(message) {
    this.id = message.id;
    this.text = message.content;
    this.sources = message.sources;
    this.citations = message.citations;
    this.rating = message.feedback ? message.feedback.rating : null;
    this.end = { finish: message.finish || "incomplete", refusal: message.refusal, grounded: message.grounded, timings: message.timings };
    if (message.status === "failed") this.failure = { message: "This answer failed.", code: message.error_code };
    this.draw();
  }

  fail(error) {
    const problem = error instanceof Problem;
    this.failure = {
      message: problem ? `${error.message} ${error.hint}`.trim() : "The connection was lost.",
      code: problem ? error.code : "",
    };
    this.draw();
  }

  wait(what) {
    this.waiting = what;
    this.draw();
  }

  later() {
    if (!this.drawing) this.drawing = requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const refused = this.end && this.end.refusal;
    const live = !this.end && !this.failure;
    const parts = [];
    if (refused) parts.push(this.drawRefusal(refused));
    else if (this.text) parts.push(drawAnswer(this));
    if (live) {
      if (this.waiting) parts.push(drawWaiting(this.waiting));
      else parts[0]?.querySelector(":scope > :last-child")?.classList.add("caret");
    }
    if (this.failure) parts.push(this.drawFailure());
    if (this.end && ["stopped", "incomplete"].includes(this.end.finish)) {
      const why = this.end.finish === "stopped" ? "Stopped. What was said so far is kept." : "This answer was cut off before its end.";
      parts.push(make("p", { class: "note" }, why));
    }
    if (this.unsaved) parts.push(make("p", { class: "note" }, this.unsaved));
    if (this.text && !refused) parts.push(...drawSources(this));
    if (this.end && !this.failure) parts.push(this.drawAfter());
    this.node.replaceChildren(...parts);
    this.node.setAttribute("aria-busy", String(live));
  }

  drawRefusal(refusal) {
    const nearest = refusal.nearest || [];
    const box = make("div", { class: "refusal" }, make("h3", {}, REFUSALS[refusal.reason] || REFUSALS.no_match), make("p", {}, refusal.message || this.text));
    if (!nearest.length) return box;
    const cards = nearest.map((source) => make("li", {}, sourceCard(source, [], null)));
    return make("div", {}, box, make("section", { class: "sources" }, make("h3", {}, "The nearest passages"), make("ul", { class: "cards" }, ...cards)));
  }

  drawFailure() {
    const code = this.failure.code ? make("small", {}, ` ${this.failure.code}`) : "";
    const again = make("button", { type: "button", onclick: () => ask(this.question) }, "Ask again");
    return make("div", { class: "failure", role: "alert" }, make("p", {}, this.failure.message, code), this.question ? again : "");
  }

  drawAfter() {
    const line = make("div", { class: "after" });
    const checked = this.citations.length;
    if (checked && !this.end.refusal) {
      const verified = this.citations.filter((citation) => citation.verified).length;
      const all = verified === checked;
      line.append(make("span", { class: all ? "verified" : "doubted" }, all ? (checked === 1 ? "Quote verified" : `All ${checked} quotes verified`) : `${verified} of ${checked} quotes verified`));
    }
    const total = this.end.timings && this.end.timings.total;
    if (total) line.append(make("span", {}, total < 1000 ? `${Math.max(1, Math.round(total))} ms` : `${(total / 1000).toFixed(1)} s`));
    line.append(make("span", { class: "acts" }, this.copyButton(), this.rateButton("up"), this.rateButton("down")));
    return line;
  }

  copyButton() {
    const button = make("button", { type: "button", class: "act" }, "Copy");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(plainText(this)).catch(() => {});
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return button;
  }

  rateButton(rating) {
    const label = rating === "up" ? "This answer helped" : "This answer did not help";
    const button = make("button", { type: "button", class: "act", "aria-label": label, title: label, "aria-pressed": String(this.rating === rating) }, thumb(rating));
    button.addEventListener("click", async () => {
      const wanted = this.rating === rating ? null : rating;
      try {
        await postJson(`/v1/messages/${this.id}/feedback`, { rating: wanted });
        this.rating = wanted;
        this.draw();
        say(wanted ? "Thank you for the feedback." : "Feedback taken back.");
      } catch { say("The feedback could not be saved."); }
    });
    return button;
  }
}

const STEPS = { rewrite: "Understanding the question", search: "Searching", tool: "Looking further" };
const REFUSALS = {
  no_match: "The documents do not answer this",
  low_support: "The documents do not answer this clearly",
  ambiguous: "The question can mean several things",
  blocked: "This question is not answered here",
  aggregate: "This asks for a count or a list over all documents",
};

function thumb(rating) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 20 20", width: 17, height: 17, "aria-hidden": "true" })) svg.setAttribute(name, value);
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", "M3 9.2h3v7.3H3zM6 9.2l3.4-6.4c1.6 0 2.2 1.2 1.9 2.6l-.6 2.6h4.7c1.1 0 1.8 1 1.5 2l-1.5 5c-.2.9-.9 1.5-1.8 1.5H6");
  if (rating === "down") path.setAttribute("transform", "rotate(180 10 10)");
  svg.append(path);
  return svg;
}

function drawWaiting(what) {
  return make("p", { class: "waiting" }, make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")), `${what} …`);
}

function plainText(turn) {
  const cited = [...new Map(turn.citations.map((citation) => [citation.n, citation])).values()];
  const lines = cited.map((citation) => `[${citation.n}] ${citation.document.title}: "${citation.quote}"`);
  return [turn.text, ...lines].join("\n");
}

// --- the words of an answer ------------------------------------------------------------------------------------------

// A small, safe subset of Markdown, in blocks that know their place in the text, so that cited sentences can be marked.
function drawAnswer(turn) {
  const points = new Points(turn.text);
  const words = make("div", { class: "words" });
  let offset = 0; // code points before the current line
  let list = null, table = null, code = null;
  const groups = groupCitations(turn.citations).map((group) => ({ ...group, numbered: false }));
  const leftTo = (end, node) => groups.filter((group) => !group.numbered && group.end <= end).forEach((group) => node?.append(...refButtons(turn, group)));
  for (const line of turn.text.split("\n")) {
    const length = new Points(line).length;
    const inline = (skip, end = length) => drawInline(turn, groups, points, offset + skip, offset + end);
    const item = /^\s{0,6}(?:([-*•])|(\d{1,3})[.)])\s+/.exec(line);
    const heading = /^#{1,6}\s+/.exec(line);
    const row = /^\s*\|.*\|\s*$/.test(line);
    if (/^\s*```/.test(line)) {
      code = code ? null : words.appendChild(make("pre", { tabindex: "0" })).appendChild(make("code"));
    } else if (code) {
      code.append(`${line}\n`);
    } else if (row) {
      table ??= words.appendChild(make("div", { class: "scroll" })).appendChild(make("table"));
      if (!/^[\s|:-]+$/.test(line)) table.append(drawRow(turn, groups, points, line, offset, !table.rows.length));
      leftTo(offset + length, table.rows[table.rows.length - 1]?.lastChild);
    } else if (item) {
      const kind = item[1] ? "UL" : "OL";
      if (list?.tagName !== kind) list = words.appendChild(make(kind, kind === "OL" ? { start: item[2] } : {}));
      list.append(make("li", {}, ...inline(item[0].length)));
    } else if (heading) {
      words.append(make("h3", {}, ...inline(heading[0].length)));
    } else if (line.trim()) {
      words.append(make("p", {}, ...inline(0)));
    }
    if (!item) list = null;
    if (!row) table = null;
    offset += length + 1;
  }
  leftTo(offset, words.lastChild);
  return words;
}

function drawRow(turn, groups, points, line, offset, header) {
  const row = make("tr");
  let at = line.indexOf("|") + 1;
  for (const cell of line.slice(at, line.lastIndexOf("|")).split("|")) {
    const from = new Points(line.slice(0, at)).length;
    row.append(make(header ? "th" : "td", {}, ...drawInline(turn, groups, points, offset + from, offset + from + new Points(cell).length)));
    at += cell.length + 1;
  }
  return row;
}

// Text nodes for code points [start, end), cited stretches in spans, a numbered button after each stretch's end.
function drawInline(turn, groups, points, start, end) {
  const nodes = [];
  const cited = groups.filter((group) => group.start < end && group.end > start);
  let at = start;
  for (const group of cited) {
    const from = Math.max(group.start, at), to = Math.min(group.end, end);
    if (from > at) nodes.push(...drawMarks(points.slice(at, from)));
    if (to > from) {
      const doubtful = !group.citations.some((citation) => citation.verified);
      nodes.push(make("span", { class: doubtful ? "cited doubtful" : "cited", "data-n": [...group.numbers].join(" ") }, ...drawMarks(points.slice(from, to))));
    }
    if (group.end <= end) nodes.push(...refButtons(turn, group));
    at = Math.max(at, to);
  }
  if (at < end) nodes.push(...drawMarks(points.slice(at, end)));
  return nodes;
}

function groupCitations(citations) {
  const groups = new Map();
  for (const citation of citations) {
    const { start, end } = citation.answer_span;
    const group = groups.get(`${start}-${end}`) || { start, end, citations: [], numbers: new Set() };
    group.citations.push(citation);
    group.numbers.add(citation.n);
    groups.set(`${start}-${end}`, group);
  }
  return [...groups.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

// Bold, italics and code; of a link only its words, for no address that a model wrote is followed.
function drawMarks(text) {
  return text.split(/(\*\*[^*]+\*\*|(?<![*\w])\*[^*\s][^*\n]*\*(?![*\w])|`[^`]+`|!?\[[^\]]*\]\([^)\s]*\))/).filter(Boolean).map((part) => {
    if (part.length > 4 && part.startsWith("**") && part.endsWith("**")) return make("strong", {}, part.slice(2, -2));
    if (part.length > 2 && /^\*[^*]+\*$/.test(part)) return make("em", {}, part.slice(1, -1));
    if (part.length > 2 && part.startsWith("`") && part.endsWith("`")) return make("code", {}, part.slice(1, -1));
    const link = /^!?\[([^\]]*)\]\(/.exec(part);
    return link ? link[1] : part;
  });
}

// The numbers of a cited stretch, once.
function refButtons(turn, group) {
  if (group.numbered) return [];
  group.numbered = true;
  return [...group.numbers].map((n) => refButton(turn, group, n));
}

function refButton(turn, group, n) {
  const citation = group.citations.find((one) => one.n === n);
  const label = `Source ${n}: ${citation.document.title}${citation.verified ? "" : ", not verified"}`;
  const button = make("button", { type: "button", class: citation.verified ? "ref" : "ref doubtful", "data-n": String(n), "aria-label": label, title: label }, citation.verified ? String(n) : `${n}?`);
  button.addEventListener("click", () => openAt(citation));
  pair(button, turn, n);
  return button;
}

// Pointing at a number lights up its sentences and its card, and the other way round.
function pair(node, turn, n) {
  const light = (on) => {
    for (const other of turn.node.querySelectorAll("[data-n]")) {
      if (other.dataset.n.split(" ").includes(String(n))) other.classList.toggle("on", on);
    }
  };
  for (const [event, on] of [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]) node.addEventListener(event, () => light(on));
}

// --- sources ---------------------------------------------------------------------------------------------------------

function drawSources(turn) {
  const cited = new Map();
  for (const citation of turn.citations) cited.set(citation.n, [...(cited.get(citation.n) || []), citation]);
  const used = turn.sources.filter((source) => cited.has(source.n)).sort((a, b) => a.n - b.n);
  const others = turn.end ? turn.sources.filter((source) => !cited.has(source.n)) : [];
  const parts = [];
  if (used.length) {
    const cards = used.map((source) => make("li", {}, sourceCard(source, cited.get(source.n), turn)));
    parts.push(make("section", { class: "sources", "aria-label": "Sources" }, make("h3", {}, "Sources"), make("ul", { class: "cards" }, ...cards)));
  }
  if (others.length && turn.citations.length) {
    const cards = others.map((source) => make("li", {}, sourceCard(source, [], turn)));
    const more = make("details", { class: "more", open: turn.more }, make("summary", {}, `${plural(others.length, "other passage", "other passages")} read, not cited`), make("ul", { class: "cards" }, ...cards));
    more.addEventListener("toggle", () => { turn.more = more.open; });
    parts.push(more);
  }
  return parts;
}

function sourceCard(source, citations, turn) {
  const doubtful = citations.length > 0 && !citations.some((citation) => citation.verified);
  const headings = source.heading_path.filter((heading) => heading !== source.title);
  const place = [source.page === null ? "" : `Page ${source.page}`, headings.join(" › "), source.uri].filter(Boolean).join(" · ");
  const spans = citations.map((citation) => citation.span);
  const card = make("button", { type: "button", class: doubtful ? "card doubtful" : "card", "data-n": turn && citations.length ? String(source.n) : null },
    make("span", { class: "n", "aria-hidden": "true" }, String(source.n)),
    make("span", { class: "title" }, source.title || source.uri),
    make("span", { class: "place" }, place),
    make("span", { class: "passage" }, ...excerpt(source, spans)));
  card.addEventListener("click", () => (citations.length ? openAt(citations[0]) : openDocument(source.document_id, source.start, source.end, {})));
  if (turn && citations.length) pair(card, turn, source.n);
  return card;
}

// The passage around its quoted words, which are marked; the beginning of it where nothing is quoted.
function excerpt(source, spans) {
  const points = new Points(source.text);
  const quoted = spans
    .map((span) => ({ start: Math.max(0, span.start - source.start), end: Math.min(points.length, span.end - source.start) }))
    .filter((span) => span.end > span.start)
    .sort((a, b) => a.start - b.start);
  if (!quoted.length) return [clip(points, 220)];
  const first = quoted[0].start, last = Math.max(...quoted.map((span) => span.end));
  const from = first > 130 ? first - 110 : 0, to = points.length - last > 130 ? last + 110 : points.length;
  const nodes = [from > 0 ? "… " : ""];
  let at = from;
  for (const span of quoted) {
    if (span.start > at) nodes.push(tidy(points.slice(at, span.start)));
    if (span.end > at) nodes.push(make("mark", {}, tidy(points.slice(Math.max(at, span.start), span.end))));
    at = Math.max(at, span.end);
  }
  const rest = tidy(points.slice(at, to));
  nodes.push(to < points.length ? `${rest.replace(/\s+\S*$/, "")} …` : rest);
  return nodes;
}

// A piece of a passage without the signs of Markdown, for reading at a glance; the reader shows the text as it is.
function tidy(text) {
  return text
    .replace(/^[ \t]*(```.*|\|[\s|:-]+\|)[ \t]*$\n?/gm, "")
    .replace(/^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*$/gm, "")
    .replace(/[ \t]+\|[ \t]+/g, " · ")
    .replace(/^#{1,6}[ \t]+/gm, "")
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, "$1")
    .replace(/\*\*|`/g, "")
    .replace(/(?<![*\w])\*([^*\s][^*\n]*)\*(?![*\w])/g, "$1")
    .replace(/\n{2,}/g, "\n");
}

function clip(points, length) {
  if (points.length <= length) return tidy(points.text);
  return `${tidy(points.slice(0, length)).replace(/\s+\S*$/, "")} …`;
}

// --- the reader ------------------------------------------------------------------------------------------------------

const openAt = (citation) => openDocument(citation.document.id, citation.span.start, citation.span.end, { quote: citation.quote, version: citation.document.version, within: new URL(citation.url, location.origin).searchParams.get("collection") || "" });

async function openDocument(id, start, end, { quote = "", version = "", within = collection }) {
  const inCollection = within ? `collection=${encodeURIComponent(within)}` : "";
  const path = `/v1/documents/${encodeURIComponent(id)}`;
  const from = Math.max(0, start - WINDOW);
  $("reader-note").hidden = true;
  $("reader-title").textContent = "Opening …";
  $("reader-place").textContent = "";
  $("reader-text").replaceChildren();
  if (!$("reader").open) $("reader").showModal();
  $("reader-title").focus();
  try {
    const found = await getJson(`${path}/text?start=${from}&end=${end + WINDOW}&${inCollection}`);
    const place = locate(found, start, end, quote);
    $("reader-title").textContent = found.title || found.uri;
    $("reader-place").textContent = place.page ? `Page ${place.page} · ${found.uri}` : found.uri;
    $("reader-file").href = `${path}/file${inCollection && `?${inCollection}`}${place.page ? `#page=${place.page}` : ""}`;
    if (version && version !== found.version) note(place.found ? "The document has changed since this answer; its words are still there." : "The document has changed since this answer, and the quoted words are gone from this place.");
    $("reader-text").replaceChildren(...drawDocument(found, place));
    $("reader-text").querySelector("mark")?.scrollIntoView({ block: "center" });
  } catch (error) {
    $("reader-title").textContent = "This document cannot be shown";
    note(error instanceof Problem ? error.message : "The connection was lost.");
  }
}

function note(text) {
  $("reader-note").textContent = text;
  $("reader-note").hidden = false;
}

// Where the quote stands in the text that was fetched: at its span, else wherever the same words are found.
function locate(found, start, end, quote) {
  const points = new Points(found.text);
  let from = start - found.start, to = end - found.start;
  let there = to <= points.length && to > from;
  if (quote && points.slice(from, to) !== quote) {
    const at = found.text.indexOf(quote);
    there = at >= 0;
    if (there) {
      from = new Points(found.text.slice(0, at)).length;
      to = from + new Points(quote).length;
    }
  }
  const page = found.pages.filter((offset) => offset <= found.start + Math.max(0, from)).length;
  return { points, from, to, found: there, page };
}

function drawDocument(found, place) {
  const nodes = [found.start > 0 ? "…\n" : ""];
  const breaks = found.pages
    .map((offset, index) => ({ at: offset - found.start, number: index + 1 }))
    .filter((one) => one.at >= 0 && one.at < place.points.length);
  const cuts = new Set([0, place.points.length, ...breaks.map((one) => one.at)]);
  if (place.found) cuts.add(Math.max(0, place.from)).add(place.to);
  const edges = [...cuts].sort((a, b) => a - b);
  for (let index = 0; index < edges.length; index += 1) {
    const at = edges[index], next = edges[index + 1] ?? at;
    const page = breaks.find((one) => one.at === at);
    if (page) nodes.push(make("span", { class: "page" }, `Page ${page.number}`));
    const text = place.points.slice(at, next);
    const quoted = place.found && at >= place.from && at < place.to;
    if (text) nodes.push(...(quoted ? [make("mark", {}, text)] : drawHeadings(text)));
  }
  if (found.end < found.length) nodes.push("\n…");
  return nodes;
}

const drawHeadings = (text) => text.split(/^(#{1,6} .*)$/m).map((part, index) => (index % 2 ? make("strong", {}, part) : part));

// --- asking ----------------------------------------------------------------------------------------------------------

async function ask(question) {
  if (running || !question.trim()) return;
  showEmpty(false);
  for (const old of $("thread").querySelectorAll(".fresh")) old.classList.remove("fresh");
  const asked = $("thread").appendChild(make("li", { class: "turn mine" }, question));
  const turn = new Turn(question);
  turn.node.classList.add("fresh"); // room below, so that the question can stand at the top while its answer grows
  $("thread").append(turn.node);
  const abort = new AbortController();
  running = { turn, abort };
  showRunning(true);
  asked.scrollIntoView({ block: "start" });
  say("Searching the documents.");
  try {
    const body = { message: question, ...(conversation ? { conversation_id: conversation } : {}), ...(collection ? { collection } : {}) };
    await follow(turn, () => postJson("/v1/chat/stream", body, abort.signal));
    announce(turn);
  } catch (error) {
    if (error.name === "AbortError") turn.restore({ id: turn.id, content: turn.text, sources: turn.sources, citations: turn.citations, finish: "stopped", status: "partial", timings: {} });
    else turn.fail(error);
  } finally {
    running = null;
    showRunning(false);
  }
}

async function stop() {
  if (!running) return;
  const { turn, abort } = running;
  if (!turn.id) return abort.abort();
  await postJson(`/v1/messages/${turn.id}/stop`, {}).catch(() => abort.abort());
}

function announce(turn) {
  const end = turn.end;
  if (turn.failure || !end) return;
  say(end.refusal ? `No answer found. ${end.refusal.message}` : `${turn.text} ${plural(new Set(turn.citations.map((one) => one.n)).size, "source", "sources")}.`);
}

const say = (text) => { $("said").textContent = text; };

function showRunning(on) {
  $("stop").hidden = !on;
  $("send").hidden = on;
  $("new").hidden = on || !$("thread").children.length;
  showSendable();
}

function showSendable() {
  $("send").disabled = !$("question").value.trim() || Boolean(running);
}

function showEmpty(on) {
  $("empty").hidden = !on;
  $("new").hidden = on;
}

const scrollToEnd = () => window.scrollTo({ top: document.documentElement.scrollHeight });

function grow() {
  const box = $("question");
  box.rows = Math.min(8, box.value.split("\n").length);
  while (box.rows < 8 && box.scrollHeight > box.clientHeight + 2) box.rows += 1;
  showSendable();
}

function submit() {
  const question = $("question").value.trim();
  if (!question || running) return;
  $("question").value = "";
  grow();
  ask(question);
}

// --- the beginning ---------------------------------------------------------------------------------------------------

async function restoreConversation() {
  if (!conversation) return false;
  try {
    const { messages } = await getJson(`/v1/conversations/${encodeURIComponent(conversation)}`);
    let question = "";
    let open = null;
    for (const message of messages) {
      if (message.role === "user") {
        question = message.content;
        $("thread").append(make("li", { class: "turn mine" }, question));
      } else {
        const turn = new Turn(question);
        turn.id = message.id;
        $("thread").append(turn.node);
        if (message.status === "streaming") open = turn;
        else turn.restore(message);
      }
    }
    if (open) resume(open);
    return messages.length > 0;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) forget();
    return false;
  }
}

async function resume(turn) {
  running = { turn, abort: new AbortController() };
  showRunning(true);
  try {
    await follow(turn, () => request(`/v1/messages/${turn.id}/events?after=-1`));
  } catch {
    turn.restore(await getJson(`/v1/messages/${turn.id}`).catch(() => ({ id: turn.id, content: "", sources: [], citations: [], timings: {} })));
  } finally {
    running = null;
    showRunning(false);
  }
}

function forget() {
  conversation = null;
  localStorage.removeItem(KEPT.conversation);
}

async function showServed() {
  try {
    const state = await fetch("/health/ready").then((response) => response.json());
    $("served").textContent = state.ready ? `${plural(state.documents, "document", "documents")}` : state.reason;
    $("served").classList.toggle("bad", !state.ready);
  } catch {
    $("served").textContent = "The server does not answer.";
    $("served").classList.add("bad");
  }
}

async function showPrompts() {
  const { questions } = await getJson(`/v1/suggestions${collection && `?collection=${encodeURIComponent(collection)}`}`).catch(() => ({ questions: [] }));
  $("prompts").replaceChildren(...questions.map((question) => make("li", {}, make("button", { type: "button", onclick: () => ask(question) }, question))));
}

function listen() {
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  $("question").addEventListener("input", grow);
  $("question").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && running && !$("reader").open) stop();
    if (event.key === "/" && document.activeElement === document.body) { event.preventDefault(); $("question").focus(); }
  });
  $("stop").addEventListener("click", stop);
  $("new").addEventListener("click", () => {
    forget();
    $("thread").replaceChildren();
    showEmpty(true);
    showPrompts();
    $("question").focus();
  });
  $("theme").addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    localStorage.setItem(KEPT.theme, dark ? "light" : "dark");
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  $("reader-close").addEventListener("click", () => $("reader").close());
  $("reader").addEventListener("click", (event) => { if (event.target === $("reader")) $("reader").close(); });
}

async function begin() {
  const theme = localStorage.getItem(KEPT.theme);
  if (theme) document.documentElement.dataset.theme = theme;
  listen();
  showServed();
  if (await restoreConversation()) {
    showEmpty(false);
    showRunning(Boolean(running));
    scrollToEnd();
  } else {
    showEmpty(true);
    showPrompts();
  }
  const linked = /^\/documents\/([^/]+)$/.exec(location.pathname);
  if (linked) {
    const span = new URLSearchParams(location.search);
    openDocument(decodeURIComponent(linked[1]), Number(span.get("start")) || 0, Number(span.get("end")) || 0, {});
  } else if (matchMedia("(hover: hover)").matches) {
    $("question").focus();
  }
}

begin();
