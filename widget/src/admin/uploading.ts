// Files for the collection: how much of them is sent, then how each of them ended.

import type { Api } from "../core/api";
import { Problem } from "../core/api";
import { counted, fill } from "../languages/languages";
import { make } from "../view/dom";
import { type Desk, query, wordsOf } from "./desk";
import { table } from "./table";

interface UploadedFile {
  readonly name: string;
  readonly status: string;
  readonly reason: string;
}

/** An upload as `POST /v1/documents` and `GET /v1/jobs/{id}` tell it. */
interface Job {
  readonly id: string;
  readonly state: "queued" | "running" | "done" | "failed";
  readonly files: readonly UploadedFile[];
  readonly failure: { readonly message: string } | null;
}

const LOOK_AGAIN = 700; // milliseconds

export class Uploading {
  readonly node: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly bar = make("progress", { max: "1", hidden: true }) as HTMLProgressElement;
  private readonly told = make("div", { class: "told", "aria-live": "polite" });

  constructor(
    private readonly desk: Desk,
    private readonly ended: () => void,
  ) {
    const { strings } = desk;
    this.input = make("input", { type: "file", multiple: true, class: "sr" }) as HTMLInputElement;
    this.input.addEventListener("change", () => void this.send([...(this.input.files ?? [])]));
    const label = make("label", { class: "act strong upload" }, this.input, strings.upload);
    this.bar.setAttribute("aria-label", strings.upload);
    this.node = make("div", { class: "drop" }, label, make("span", { class: "quiet" }, strings.drop), this.bar, this.told);
    this.node.addEventListener("dragover", (event) => this.over(event, true));
    this.node.addEventListener("dragleave", (event) => this.over(event, false));
    this.node.addEventListener("drop", (event) => {
      this.over(event, false);
      void this.send([...(event.dataTransfer?.files ?? [])]);
    });
  }

  private over(event: DragEvent, inside: boolean): void {
    event.preventDefault();
    this.node.classList.toggle("over", inside);
  }

  private async send(files: readonly File[]): Promise<void> {
    if (!files.length) return;
    const { desk } = this;
    const { strings } = desk;
    this.input.disabled = true;
    this.bar.hidden = false;
    this.bar.value = 0;
    this.told.replaceChildren(make("p", {}, fill(strings.sending, { name: files.map((file) => file.name).join(", ") })));
    try {
      const form = new FormData();
      for (const file of files) form.append("file", file);
      let job = await posted<Job>(desk.api, query(desk, "/v1/documents"), form, (share) => (this.bar.value = share));
      this.bar.removeAttribute("value"); // how long reading takes nobody knows
      this.told.replaceChildren(make("p", {}, `${counted(desk, strings.sent, files.length)}. ${strings.working}`));
      while (job.state === "queued" || job.state === "running") {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
        job = await desk.api.json<Job>(`/v1/jobs/${encodeURIComponent(job.id)}`);
      }
      this.show(job);
      this.ended();
    } catch (failure) {
      this.told.replaceChildren(make("p", { class: "note" }, wordsOf(desk, failure)));
    } finally {
      this.bar.hidden = true;
      this.input.disabled = false;
      this.input.value = "";
    }
  }

  private show(job: Job): void {
    const { strings } = this.desk;
    const rows = job.files.map((file) => [make("span", { dir: "auto" }, file.name), [make("span", { class: `badge ${file.status}` }, file.status), file.reason ? ` ${file.reason}` : ""]]);
    const failure = job.failure ? [make("p", { class: "note" }, job.failure.message)] : [];
    this.told.replaceChildren(...failure, table(strings.upload, [{ title: strings.file, kind: "row" }, { title: strings.status }], rows));
    this.desk.say(strings.uploadDone);
  }
}

/** A form that is sent with its progress, a share of 1: fetch tells nothing of that. */
function posted<T>(api: Api, path: string, form: FormData, progress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", api.address(path));
    if (api.shown) request.setRequestHeader("Authorization", `Bearer ${api.shown}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new TypeError("no connection")));
    request.addEventListener("load", () => {
      const body = (request.response ?? {}) as { code?: string; detail?: string; hint?: string };
      if (request.status < 300) resolve(body as T);
      else reject(new Problem(request.status, body.code ?? `http_${request.status}`, body.detail ?? "", body.hint ?? ""));
    });
    request.send(form);
  });
}
