// SPDX-License-Identifier: Apache-2.0
// A window over the page: one photo in a deep zoom, or two beside each other.
import { html, nothing, svg, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { imageUrl, picture, textOf } from "./api";
import type { DeepZoom } from "./deep_zoom";
import type { Shown } from "./exam_cards";
import { titleOf, type NumberedPhoto } from "./photo_titles";
import { Page, t } from "./text";
import { loadPart } from "./viewers";

const kZoomStep = 1.4;
const kPlain = 100; // percent
const kWatermarkCharPx = 9.5; // a wide character of its 15 px

/** One place of the window, and what stands there. */
interface Lens {
  n: number;
  zoom?: DeepZoom;
  url: string;
  failure: string;
}

@customElement("telavis-photo-window")
export class PhotoWindow extends Page {
  @property({ attribute: false }) photos: readonly NumberedPhoto[] = [];
  @property({ attribute: false }) chosen: readonly number[] = [];
  @property({ attribute: false }) shown?: Shown;
  @state() private brightness = kPlain;
  @state() private contrast = kPlain;
  private lenses: Lens[] = [];

  override disconnectedCallback(): void {
    for (const lens of this.lenses) this.close(lens);
    this.lenses = [];
    super.disconnectedCallback();
  }
  private close(lens: Lens): void {
    lens.zoom?.destroy();
    URL.revokeObjectURL(lens.url);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("chosen")) this.showChosen();
    for (const lens of this.lenses) lens.zoom?.adjust(this.brightness, this.contrast);
  }
  /** Opens what is chosen and closes what is no more; a place keeps what it shows already. */
  private showChosen(): void {
    for (const lens of this.lenses.slice(this.chosen.length)) this.close(lens);
    this.lenses = this.chosen.map((n, place) => {
      const before = this.lenses[place];
      if (before?.n === n) return before;
      if (before) this.close(before);
      const lens: Lens = { n, url: "", failure: "" };
      void this.open(lens, place);
      return lens;
    });
  }
  private async open(lens: Lens, place: number): Promise<void> {
    try {
      const [{ openDeepZoom }, blob] = await Promise.all([loadPart(() => import("./deep_zoom")), picture(imageUrl(this.shown!.caseId, lens.n, "full"))]);
      const element = this.querySelector<HTMLElement>(`[data-lens="${place}"]`);
      if (!this.lenses.includes(lens) || !element) return;
      lens.url = URL.createObjectURL(blob);
      const zoom = await openDeepZoom(element, lens.url, this.titleAt(lens.n));
      if (!this.lenses.includes(lens)) {
        zoom.destroy();
        return;
      }
      lens.zoom = zoom;
      zoom.adjust(this.brightness, this.contrast);
      element.dataset["photo"] = String(lens.n);
    } catch (error) {
      lens.failure = textOf(error);
    }
    this.requestUpdate();
  }
  private titleAt(n: number): string {
    const photo = this.photos.find((one) => one.n === n);
    return photo ? titleOf(this.photos, photo) : "";
  }

  // ---- the page

  private choice(place: number): unknown {
    const take = (event: Event): void => {
      const n = Number((event.target as HTMLSelectElement).value);
      this.chosen = this.chosen.map((one, at) => (at === place ? n : one));
    };
    return html`<select aria-label=${t(place === 0 ? "web.photo.shown" : "web.photo.beside_which")} name="photo-${place}" @change=${take}>
      ${this.photos.map(({ n }) => html`<option value=${n} ?selected=${n === this.chosen[place]}>${this.titleAt(n)}</option>`)}
    </select>`;
  }
  private toggleBeside(): void {
    const [first] = this.chosen;
    const other = this.photos.find(({ n }) => n !== first);
    this.chosen = this.chosen.length > 1 || !other ? this.chosen.slice(0, 1) : [first!, other.n];
  }
  private slider(name: "brightness" | "contrast"): unknown {
    return html`<label class="inline">${t(`web.photo.${name}`)}
      <input type="range" name=${name} min="40" max="200" .value=${String(this[name])}
        @input=${(event: Event) => (this[name] = Number((event.target as HTMLInputElement).value))} /></label>`;
  }
  private tools(): unknown {
    const changed = this.brightness !== kPlain || this.contrast !== kPlain;
    return html`${this.slider("brightness")} ${this.slider("contrast")}
      <button ?disabled=${!changed} @click=${() => ([this.brightness, this.contrast] = [kPlain, kPlain])}>${t("web.photo.as_sent")}</button>
      ${changed ? html`<strong class="changed" role="status" data-changed>${t("web.photo.changed")}</strong>` : nothing}`;
  }

  protected override render(): unknown {
    if (!this.shown) return nothing;
    const each = (act: (zoom: DeepZoom) => void) => (): void => this.lenses.forEach(({ zoom }) => zoom && act(zoom));
    const dialog = (): HTMLDialogElement | null => this.closest("dialog");
    return html`
      <div class="identity">${this.shown.identity}</div>
      <div class="bar">
        <span class="inline">${this.choice(0)} ${this.chosen.length > 1 ? this.choice(1) : nothing}</span>
        ${this.photos.length > 1
          ? html`<button data-action="beside" aria-pressed=${this.chosen.length > 1} @click=${this.toggleBeside}>${t("web.photo.beside")}</button>`
          : nothing}
        <span class="inline" role="group" aria-label=${t("web.view.zoom")}>
          <button aria-label=${t("web.view.smaller")} data-action="smaller" @click=${each((zoom) => zoom.zoomBy(1 / kZoomStep))}>−</button>
          <button aria-label=${t("web.view.larger")} data-action="larger" @click=${each((zoom) => zoom.zoomBy(kZoomStep))}>+</button>
          <button data-action="fit" @click=${each((zoom) => zoom.fit())}>${t("web.view.fit")}</button>
        </span>
        ${this.shown.tools ? this.tools() : nothing}
        <span class="inline end">
          ${document.fullscreenEnabled
            ? html`<button data-action="full-screen" @click=${() => void (document.fullscreenElement ? document.exitFullscreen() : dialog()?.requestFullscreen())}>${t("web.view.full_screen")}</button>`
            : nothing}
          <button class="primary" data-action="close" @click=${() => dialog()?.close()}>${t("web.action.close")}</button>
        </span>
      </div>
      <div class="lenses">
        ${this.chosen.map((_, place) => html`<div class="lens">
          <div class="zoom" data-lens=${place}></div>
          ${this.lenses[place]?.failure ? html`<p class="error" role="alert">${this.lenses[place].failure}</p>` : nothing}
          ${this.shown!.sensitive ? watermark(this.shown!.watermark, place) : nothing}
        </div>`)}
      </div>`;
  }
}

/** Over the whole photo, again and again; it is no part of the photo. */
function watermark(words: string, place: number): unknown {
  const id = `watermark-${place}`;
  const wide = words.length * kWatermarkCharPx + 60; // as far as the next one
  return html`<svg class="watermark" aria-hidden="true" data-watermark>
    ${svg`<defs><pattern id=${id} width=${wide} height="150" patternUnits="userSpaceOnUse" patternTransform="rotate(-24)">
      <text y="60">${words}</text><text x=${-wide / 2} y="135">${words}</text><text x=${wide / 2} y="135">${words}</text></pattern></defs>
      <rect width="100%" height="100%" fill="url(#${id})" />`}
  </svg>`;
}

/** Escape or its button closes the window. */
export function openPhotos(photos: readonly NumberedPhoto[], first: NumberedPhoto, shown: Shown): void {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", titleOf(photos, first));
  dialog.addEventListener("close", () => dialog.remove());
  const content = dialog.appendChild(document.createElement("telavis-photo-window")) as PhotoWindow;
  Object.assign(content, { photos, chosen: [first.n], shown });
  dialog.showModal();
}
