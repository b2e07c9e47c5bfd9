// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { newKey } from "./api";
import type { PhotoRole, Speciality } from "./api_types";
import { captureField, hasCamera, takePhotos } from "./camera";
import { cropPhoto } from "./crop_dialog";
import { Page, t } from "./text";

// The engine's own bounds: said here before a long upload, decided there.
const kMaxFiles = 20;
const kMaxFileBytes = 64 * 1024 * 1024;
const kShown = ["image/jpeg", "image/png", "image/webp"];
const kRoles: PhotoRole[] = ["unstated", "overview", "close_up", "dermoscopy"];

export interface Chosen {
  key: string; // of its own, for a draft
  file: File;
  picture: string; // blob: URL of an image that browsers show, empty for anything else
  role: PhotoRole;
}

const pictureOf = (file: File): string => (kShown.includes(file.type) ? URL.createObjectURL(file) : "");

/** Files to send, with what each photo shows. A change of them is an event "change". */
@customElement("telavis-files")
export class FilesPicker extends Page {
  @property() speciality: Speciality = "cardiology";
  @property({ attribute: false }) wanted: PhotoRole[] = [];
  @state() private chosen: Chosen[] = [];
  @state() private over = false;
  @state() private failure = "";

  override disconnectedCallback(): void {
    for (const { picture } of this.chosen) URL.revokeObjectURL(picture);
    super.disconnectedCallback();
  }
  get files(): File[] {
    return this.chosen.map(({ file }) => file);
  }
  get all(): readonly Chosen[] {
    return this.chosen;
  }
  get roles(): PhotoRole[] {
    return this.chosen.map(({ role }) => role);
  }
  /** Why these files cannot be sent, or nothing. */
  get problem(): string {
    if (this.chosen.length > kMaxFiles) return t("web.request.too_many", { max: kMaxFiles });
    const large = this.chosen.find(({ file }) => file.size > kMaxFileBytes);
    return large ? t("web.request.too_large", { name: large.file.name, max: kMaxFileBytes / 1024 / 1024 }) : "";
  }
  clear(): void {
    for (const { picture } of this.chosen) URL.revokeObjectURL(picture);
    this.chosen = [];
  }
  /** Those of a draft, in place of what is there. */
  restore(files: readonly Omit<Chosen, "picture">[]): void {
    this.clear();
    this.chosen = files.map((one) => ({ ...one, picture: pictureOf(one.file) }));
  }

  private add(files: readonly { file: File; role: PhotoRole }[]): void {
    if (files.length === 0) return;
    this.chosen = [...this.chosen, ...files.map(({ file, role }) => ({ key: newKey(), file, role, picture: pictureOf(file) }))];
    this.tell();
  }
  private takeOff(chosen: Chosen): void {
    URL.revokeObjectURL(chosen.picture);
    this.chosen = this.chosen.filter((one) => one !== chosen);
    this.tell();
  }
  private tell(): void {
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** What is cut off is forgotten here: it is never sent. */
  private async crop(chosen: Chosen): Promise<void> {
    this.failure = "";
    try {
      const file = await cropPhoto(chosen.file);
      if (!file) return;
      URL.revokeObjectURL(chosen.picture);
      this.chosen = this.chosen.map((one) => (one === chosen ? { ...one, key: newKey(), file, picture: URL.createObjectURL(file) } : one));
      this.tell();
    } catch {
      this.failure = t("web.crop.unreadable", { name: chosen.file.name });
    }
  }

  protected override render(): unknown {
    const plain = (list: FileList | null | undefined): void =>
      this.add([...(list ?? [])].map((file) => ({ file, role: "unstated" })));
    const pick = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      event.stopPropagation(); // what changes is the list
      plain(input.files);
      input.value = "";
    };
    const drag = (event: DragEvent): void => {
      event.preventDefault();
      this.over = event.type === "dragover";
      if (event.type === "drop") plain(event.dataTransfer?.files);
    };
    return html`${this.wantsPhotos() ? this.camera(pick) : nothing}
      <label class="drop" ?data-over=${this.over} @dragover=${drag} @dragleave=${drag} @drop=${drag}>
        <span><strong>${t("web.request.pick")}</strong> ${t("web.request.or_drop")}</span>
        <span class="hint">${t(`web.request.files_${this.speciality}`)}</span>
        <input type="file" name="files" multiple @change=${pick} />
      </label>
      ${this.failure ? html`<span class="problem" role="alert">${this.failure}</span>` : nothing}
      ${this.problem ? html`<span class="problem" role="alert">${this.problem}</span>` : nothing}
      ${this.wantedHint()}
      <ul class="files">
        ${this.chosen.map((chosen) => this.entry(chosen))}
      </ul>`;
  }

  private wantsPhotos(): boolean {
    return this.wanted.length > 0 || this.speciality === "dermatology";
  }
  private camera(pick: (event: Event) => void): unknown {
    if (!hasCamera()) return html`<div class="shoot">${captureField(pick)}</div>`;
    const lacking = this.wanted.filter((role) => !this.chosen.some((one) => one.role === role));
    const shoot = async (): Promise<void> => this.add(await takePhotos(lacking.length > 0 ? lacking : this.wanted));
    return html`<div class="shoot">
      <button type="button" class="primary" data-action="camera" @click=${() => void shoot()}>${t("web.camera.open")}</button>
      <span class="hint">${t("web.camera.about")}</span>
    </div>`;
  }

  private wantedHint(): unknown {
    const lacking = this.wanted.filter((role) => !this.chosen.some((one) => one.role === role));
    return lacking.length > 0
      ? html`<p class="hint">${t("web.request.wanted", { roles: lacking.map((role) => t(`web.role.${role}`)).join(", ") })}</p>`
      : nothing;
  }

  private entry(chosen: Chosen): unknown {
    const photo = this.wantsPhotos();
    return html`<li>
      ${chosen.picture ? html`<img src=${chosen.picture} alt="" />` : html`<span class="sheet" aria-hidden="true"></span>`}
      <span>${chosen.file.name}<br /><small>${t("web.request.size", { size: Math.ceil(chosen.file.size / 1024) })}</small></span>
      ${photo && chosen.file.type !== "application/pdf" ? this.roleOf(chosen) : nothing}
      ${photo && chosen.picture
        ? html`<button type="button" data-action="crop-photo" aria-label=${t("web.crop.one", { name: chosen.file.name })} @click=${() => void this.crop(chosen)}>${t("web.crop.button")}</button>`
        : nothing}
      <button type="button" aria-label=${t("web.request.remove", { name: chosen.file.name })} @click=${() => this.takeOff(chosen)}>✕</button>
    </li>`;
  }

  private roleOf(chosen: Chosen): unknown {
    const take = (event: Event): void => {
      event.stopPropagation();
      chosen.role = (event.target as HTMLSelectElement).value as PhotoRole;
      this.tell();
      this.requestUpdate();
    };
    return html`<select aria-label=${t("web.request.role", { name: chosen.file.name })} @change=${take}>
      ${kRoles.map((role) => html`<option value=${role} ?selected=${role === chosen.role}>${t(`web.role.${role}`)}</option>`)}
    </select>`;
  }
}
