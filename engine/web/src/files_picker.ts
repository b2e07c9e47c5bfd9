// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PhotoRole, Speciality } from "./api_types";
import { cropPhoto } from "./crop_dialog";
import { Page, t } from "./text";

// The engine's own bounds: said here before a long upload, decided there.
const kMaxFiles = 20;
const kMaxFileBytes = 64 * 1024 * 1024;
const kShown = ["image/jpeg", "image/png", "image/webp"];
const kRoles: PhotoRole[] = ["unstated", "overview", "close_up", "dermoscopy"];

interface Chosen {
  file: File;
  picture: string; // blob: URL of an image that browsers show, empty for anything else
  role: PhotoRole;
}

/** Files to send, with what each photo shows. */
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

  private add(list: FileList | null | undefined): void {
    const added = [...(list ?? [])].map((file) => ({
      file,
      picture: kShown.includes(file.type) ? URL.createObjectURL(file) : "",
      role: "unstated" as const,
    }));
    this.chosen = [...this.chosen, ...added];
  }
  private takeOff(chosen: Chosen): void {
    URL.revokeObjectURL(chosen.picture);
    this.chosen = this.chosen.filter((one) => one !== chosen);
  }

  /** What is cut off is forgotten here: it is never sent. */
  private async crop(chosen: Chosen): Promise<void> {
    this.failure = "";
    try {
      const file = await cropPhoto(chosen.file);
      if (!file) return;
      URL.revokeObjectURL(chosen.picture);
      this.chosen = this.chosen.map((one) => (one === chosen ? { ...one, file, picture: URL.createObjectURL(file) } : one));
    } catch {
      this.failure = t("web.crop.unreadable", { name: chosen.file.name });
    }
  }

  protected override render(): unknown {
    const pick = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      this.add(input.files);
      input.value = "";
    };
    const drag = (event: DragEvent): void => {
      event.preventDefault();
      this.over = event.type === "dragover";
      if (event.type === "drop") this.add(event.dataTransfer?.files);
    };
    return html`<label class="drop" ?data-over=${this.over} @dragover=${drag} @dragleave=${drag} @drop=${drag}>
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

  private wantedHint(): unknown {
    const lacking = this.wanted.filter((role) => !this.chosen.some((one) => one.role === role));
    return lacking.length > 0
      ? html`<p class="hint">${t("web.request.wanted", { roles: lacking.map((role) => t(`web.role.${role}`)).join(", ") })}</p>`
      : nothing;
  }

  private entry(chosen: Chosen): unknown {
    const photo = this.wanted.length > 0 || this.speciality === "dermatology";
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
      chosen.role = (event.target as HTMLSelectElement).value as PhotoRole;
      this.requestUpdate();
    };
    return html`<select aria-label=${t("web.request.role", { name: chosen.file.name })} @change=${take}>
      ${kRoles.map((role) => html`<option value=${role} ?selected=${role === chosen.role}>${t(`web.role.${role}`)}</option>`)}
    </select>`;
  }
}
