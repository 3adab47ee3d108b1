// Where the documents come from: files are added, and what was read before is read again, while one watches.

import { Problem } from "../core/api";
import { counted, fill } from "../languages/languages";
import { make } from "../view/dom";
import { type Desk, Fetched, moment, named, query, type Section, wordsOf } from "./desk";
import { linesOf } from "./lines";
import { table } from "./table";
import { Uploading } from "./uploading";

interface Source {
  readonly path: string;
  readonly read: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly acl: readonly string[];
  readonly there: boolean;
}

interface Progress {
  readonly type: "progress";
  readonly stage: string;
  readonly files: number;
  readonly read: number;
  readonly chunks: number;
  readonly asked: number;
  readonly questions: number;
}

interface Report {
  readonly generation: number | null;
  readonly documents: Readonly<Record<string, number>>;
}

type Line = Progress | { readonly type: "done"; readonly report: Report } | { readonly type: "error"; readonly code: string; readonly message: string; readonly hint: string };

export class Sources implements Section {
  readonly node: HTMLElement;
  private readonly list: Fetched;
  private readonly all: HTMLInputElement;
  private readonly run = make("div", { class: "run" });
  private running: AbortController | null = null;

  constructor(private readonly desk: Desk) {
    const { strings } = desk;
    this.list = new Fetched(desk);
    this.all = make("input", { type: "checkbox" }) as HTMLInputElement;
    const rehash = make("label", { class: "check" }, this.all, strings.readAll);
    this.node = make("div", { class: "section" }, this.run, rehash, this.list.node);
    if (desk.offers("post", "/v1/documents")) this.node.prepend(new Uploading(desk, () => void this.load()).node);
  }

  load(): Promise<void> {
    const { desk } = this;
    return this.list.show(async () => this.drawn((await desk.api.json<{ sources: readonly Source[] }>(query(desk, "/v1/admin/sources"))).sources));
  }

  private drawn(sources: readonly Source[]): Node[] {
    const { desk } = this;
    const { strings } = desk;
    if (!sources.length) return [make("p", { class: "none" }, strings.noSources)];
    const rows = sources.map((one) => {
      const path = [make("span", { dir: "auto" }, one.path), ...(one.there ? [] : [make("span", { class: "badge failed" }, strings.gone)])];
      const rules = [one.include.length ? fill(strings.only, { globs: one.include.join(", ") }) : "", one.exclude.length ? fill(strings.without, { globs: one.exclude.join(", ") }) : ""].filter(Boolean).join("; ");
      const again = make("button", { type: "button", class: "act", "aria-label": `${strings.readAgain}: ${one.path}`, click: () => void this.read(one.path) }, strings.readAgain);
      return [path, moment(desk, one.read), rules || "–", one.acl.join(", ") || strings.everybody, again];
    });
    return [table(strings.sources, [{ title: strings.source, kind: "row" }, { title: strings.lastRead, kind: "when" }, { title: strings.rules, kind: "wide" }, { title: strings.tags, kind: "wide" }, { title: strings.actions, kind: "action" }], rows)];
  }

  /** Reads a source again; who stops or leaves the page ends it with nothing published. */
  private async read(path: string, deletes = false): Promise<void> {
    if (this.running) return;
    const { desk } = this;
    const { strings } = desk;
    const abort = (this.running = new AbortController());
    const bar = make("progress", { max: "1", "aria-label": strings.readAgain }) as HTMLProgressElement;
    const words = make("p", {}, strings.working);
    const stop = make("button", { type: "button", class: "act", click: () => abort.abort() }, strings.stop);
    this.run.replaceChildren(make("p", { class: "path", dir: "auto" }, path), bar, words, stop);
    stop.focus();
    const body = { path, rehash: this.all.checked, allow_deletes: deletes, ...(desk.collection && { collection: desk.collection }) };
    try {
      const response = await desk.api.post("/v1/admin/ingest", body, abort.signal);
      for await (const line of linesOf<Line>(response)) {
        if (line.type === "progress") this.progress(line, bar, words);
        else this.end(line, path);
      }
    } catch (failure) {
      this.tell(abort.signal.aborted ? strings.stopped : wordsOf(desk, failure));
    } finally {
      this.running = null;
    }
    await this.load();
  }

  private progress(line: Progress, bar: HTMLProgressElement, words: HTMLElement): void {
    const { desk } = this;
    const share = line.questions ? line.asked / line.questions : line.files ? line.read / line.files : null;
    if (share === null) bar.removeAttribute("value");
    else bar.value = Math.min(1, share);
    words.textContent = counted(desk, desk.strings.stage, line.files, { stage: named(desk.strings.stages, line.stage), read: line.read, chunks: line.chunks });
  }

  private end(line: Exclude<Line, Progress>, path: string): void {
    const { strings } = this.desk;
    if (line.type === "done") {
      const { added = 0, updated = 0, removed = 0, failed = 0 } = line.report.documents;
      this.tell(fill(strings.readDone, { added, updated, removed, failed, generation: line.report.generation ?? "–" }));
      return;
    }
    this.tell(wordsOf(this.desk, new Problem(409, line.code, line.message, line.hint)));
    if (line.code === "too_many_deletes") this.run.append(make("button", { type: "button", class: "act", click: () => void this.read(path, true) }, strings.letGo));
  }

  private tell(text: string): void {
    this.run.replaceChildren(make("p", { class: "note", dir: "auto" }, text));
    this.desk.say(text);
  }
}
