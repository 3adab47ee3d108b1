// A PDF page as the image that the service draws, the quote's words marked on it, and the pages beside it. It is put on a
// canvas: an image would need `blob:` in the policy of every page that embeds the widget.

import { fill } from "../languages/languages";
import { iconButton, make } from "../view/dom";
import type { Place } from "../view/scene";
import type { Fetched } from "./locate";
import type { ReaderScene } from "./reader";

export class PageView {
  readonly node = make("div", { class: "pages" });
  private readonly image = make("canvas", { class: "sheet", role: "img" }) as HTMLCanvasElement;
  private readonly number = make("span", { role: "status" });
  private readonly back: HTMLButtonElement;
  private readonly forth: HTMLButtonElement;
  private page = 0;

  constructor(
    private readonly scene: ReaderScene,
    private readonly place: Place,
    private readonly fetched: Fetched,
    private readonly address: string,
    private readonly collection: string,
  ) {
    const { strings } = scene.tongue;
    this.back = iconButton("up", strings.previous, { class: "icon turn-back", click: () => void this.show(this.page - 1) });
    this.forth = iconButton("down", strings.next, { class: "icon turn-on", click: () => void this.show(this.page + 1) });
    this.back.replaceChildren("‹");
    this.forth.replaceChildren("›");
    this.node.append(make("p", { class: "turner" }, this.back, this.number, this.forth), this.image);
  }

  /** Draws page `page`; whether there is such an image. */
  async show(page: number): Promise<boolean> {
    const { strings } = this.scene.tongue;
    const of = this.fetched.pages.length;
    const { start, end, verified } = this.place;
    const marked = verified && end > start ? `&start=${start}&end=${end}` : "";
    try {
      const response = await this.scene.api.request(`${this.address}/pages/${page}.png?width=1400${marked}${this.collection}`);
      const drawn = await createImageBitmap(await response.blob());
      this.image.width = drawn.width;
      this.image.height = drawn.height;
      this.image.getContext("bitmaprenderer")?.transferFromImageBitmap(drawn);
    } catch {
      return false;
    }
    this.page = page;
    this.image.setAttribute("aria-label", fill(strings.pageImage, { n: page, title: this.fetched.title }));
    this.number.textContent = fill(strings.pageOf, { n: page, of });
    this.back.disabled = page <= 1;
    this.forth.disabled = page >= of;
    return true;
  }
}
