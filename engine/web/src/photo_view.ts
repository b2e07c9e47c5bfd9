// SPDX-License-Identifier: Apache-2.0
// The photos of a case: what each is for, and a window to look at one or two of them closely.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { imageUrl, kApi } from "./api";
import { bodyMap } from "./body_map";
import { findings, type Shown } from "./exam_cards";
import { openPhotos } from "./photo_dialog";
import { inOrder, titleOf, type NumberedPhoto } from "./photo_titles";
import { Page, t } from "./text";

@customElement("telavis-photos")
export class PhotoView extends Page {
  @property({ attribute: false }) photos: readonly NumberedPhoto[] = [];
  @property({ attribute: false }) shown?: Shown;

  protected override render(): unknown {
    if (!this.shown) return nothing;
    return html`
      ${this.shown.sensitive ? html`<p class="notice">${t("web.photo.sensitive_about")}</p>` : nothing}
      <div class="photos">
        ${inOrder(this.photos).map((photo) => this.figure(photo, this.shown!))} ${bodyMap(this.shown.site)}
      </div>`;
  }

  private figure(photo: NumberedPhoto, shown: Shown): TemplateResult {
    const { caseId, sensitive } = shown;
    const { n, exam } = photo;
    const title = titleOf(this.photos, photo);
    const inside = sensitive
      ? html`<span class="covered">${t("web.photo.sensitive")}<br /><strong>${t("web.photo.reveal")}</strong></span>`
      : html`<img src=${imageUrl(caseId, n, "preview")} alt="" />`;
    return html`<figure>
      <button data-photo=${n} aria-label=${t(sensitive ? "web.photo.reveal_one" : "web.exam.enlarge", { title })} @click=${() => openPhotos(this.photos, photo, shown)}>${inside}</button>
      <figcaption>
        <strong>${title}</strong> · ${exam.width} × ${exam.height} ·
        <a href="${kApi}/cases/${caseId}/exams/${n}/original" download>${t("web.exam.original")}</a>
        ${findings(exam.findings)}
      </figcaption>
    </figure>`;
  }
}
