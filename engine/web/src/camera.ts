// SPDX-License-Identifier: Apache-2.0
// The camera of the phone: from its picture to the page, and to no gallery. It guides from the overview to
// the close-up, and says in words when a picture is blurred or badly lit; the doctor decides.
import { html, nothing, render, type TemplateResult } from "lit";
import type { PhotoRole } from "./api_types";
import { hintsOf, measured, type PhotoHint } from "./photo_check";
import { t } from "./text";

export interface TakenPhoto {
  file: File;
  role: PhotoRole;
}
export const hasCamera = (): boolean => typeof navigator.mediaDevices?.getUserMedia === "function";

type Shown = Exclude<PhotoRole, "unstated">;
const kOrder: Shown[] = ["overview", "close_up", "dermoscopy"];
const kWidth = 2560; // asked for; what the camera gives is taken
const kHeight = 1920;
const kLooked = 320; // px: the middle of the picture, unscaled; scaling hides a blur
const kEvery = 350; // ms
const kQuality = 0.92; // of the JPEG: below the loss that a phone's own camera makes

function middleOf(source: CanvasImageSource, width: number, height: number, canvas: HTMLCanvasElement): PhotoHint[] {
  const [w, h] = [Math.min(kLooked, width), Math.min(kLooked, height)];
  [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(source, (width - w) / 2, (height - h) / 2, w, h, 0, 0, w, h);
  return hintsOf(measured(context.getImageData(0, 0, w, h)));
}

/** Photos that the doctor kept, in the order in which he took them; none when he gave up. */
export function takePhotos(wanted: readonly PhotoRole[]): Promise<TakenPhoto[]> {
  return new Promise((resolve) => new Camera(wanted, resolve));
}

class Camera {
  private readonly dialog = document.body.appendChild(document.createElement("dialog"));
  private readonly still = document.createElement("canvas");
  private readonly looked = document.createElement("canvas");
  private readonly roles: Shown[];
  private readonly taken: TakenPhoto[] = [];
  private role: Shown;
  private stream?: MediaStream;
  private stopped = false;
  private held = false; // a still is looked at
  private hints: PhotoHint[] = [];
  private failure = "";
  private timer = 0;

  constructor(wanted: readonly PhotoRole[], resolve: (taken: TakenPhoto[]) => void) {
    const named = kOrder.filter((role) => wanted.includes(role));
    this.roles = named.length > 0 ? named : kOrder;
    this.role = this.roles[0]!;
    this.dialog.className = "camera";
    this.dialog.setAttribute("aria-labelledby", "camera-title");
    this.dialog.addEventListener("close", () => {
      this.stop();
      this.dialog.remove();
      resolve(this.taken);
    });
    this.show();
    this.dialog.showModal();
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false, video: { facingMode: "environment", width: { ideal: kWidth }, height: { ideal: kHeight } },
      });
      if (this.stopped) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      const video = this.video();
      video.srcObject = stream;
      await video.play();
      this.timer = window.setInterval(() => this.watch(), kEvery);
    } catch (error) {
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      this.failure = t(denied ? "web.camera.denied" : "web.camera.none");
    }
    this.show();
  }
  private stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
  }
  private video(): HTMLVideoElement {
    return this.dialog.querySelector("video")!;
  }
  private watch(): void {
    const video = this.video();
    if (this.held || video.videoWidth === 0) return;
    const hints = middleOf(video, video.videoWidth, video.videoHeight, this.looked);
    if (hints.join() === this.hints.join()) return;
    this.hints = hints;
    this.show();
  }

  private take(): void {
    const video = this.video();
    if (video.videoWidth === 0) return;
    [this.still.width, this.still.height] = [video.videoWidth, video.videoHeight];
    this.still.getContext("2d")!.drawImage(video, 0, 0);
    this.hints = middleOf(this.still, this.still.width, this.still.height, this.looked);
    this.held = true;
    this.show();
    this.focus("keep");
  }
  private again(): void {
    this.held = false;
    this.show();
    this.focus("take");
  }
  private async keep(): Promise<void> {
    const blob = await new Promise<Blob | null>((resolve) => this.still.toBlob(resolve, "image/jpeg", kQuality));
    if (!blob) {
      this.failure = t("web.camera.failed");
      this.show();
      return;
    }
    const name = `${t("web.camera.name", { n: this.taken.length + 1, role: t(`web.role.${this.role}`) })}.jpg`;
    this.taken.push({ file: new File([blob], name, { type: "image/jpeg" }), role: this.role });
    this.role = this.roles.find((role) => !this.taken.some((one) => one.role === role)) ?? this.role;
    this.again();
  }
  private focus(action: string): void {
    this.dialog.querySelector<HTMLElement>(`[data-action="${action}"]`)?.focus();
  }
  /** The other way, for browsers that give no picture: the phone's own camera program. */
  private add(event: Event): void {
    for (const file of (event.target as HTMLInputElement).files ?? []) this.taken.push({ file, role: this.role });
    this.dialog.close();
  }

  private show(): void {
    const count = this.taken.length;
    render(
      html`<header>
          <h2 id="camera-title">${t("web.camera.title")}</h2>
          <button data-action="done" @click=${() => this.dialog.close()}>
            ${count === 0 ? t("web.action.close") : t(count === 1 ? "web.camera.done_one" : "web.camera.done", { count })}
          </button>
        </header>
        <div class="roles" role="group" aria-label=${t("web.camera.shows")}>${this.roles.map((role) => this.roleButton(role))}</div>
        <p class="guide">${t(`web.camera.guide_${this.role}`)}</p>
        <div class="frame" ?hidden=${this.failure !== ""}>
          <video playsinline muted ?hidden=${this.held} aria-label=${t("web.camera.live")}></video>
          ${this.held ? html`${this.still}` : nothing}
          ${this.role === "overview" ? nothing : html`<span class="aim" aria-hidden="true"></span>`}
        </div>
        <p class="hints" role="status">${this.hintWords()}</p>
        ${this.failure ? this.other() : this.buttons()}`,
      this.dialog,
    );
    this.still.setAttribute("aria-label", t("web.camera.still"));
    this.still.setAttribute("role", "img");
  }
  private hintWords(): unknown {
    if (this.failure) return nothing;
    if (!this.stream) return t("web.camera.waiting");
    if (this.hints.length === 0) return html`<span class="good">${t("web.camera.good")}</span>`;
    return this.hints.map((hint) => html`<span class="hint-word">${t(`web.camera.${hint}`)}</span> `);
  }
  private roleButton(role: Shown): TemplateResult {
    const count = this.taken.filter((one) => one.role === role).length;
    const choose = (): void => {
      this.role = role;
      this.show();
    };
    return html`<button type="button" aria-pressed=${role === this.role ? "true" : "false"} @click=${choose}>
      ${t(`web.role.${role}`)}${count > 0 ? html` <span class="count" aria-label=${t("web.camera.kept", { count })}>✓ ${count}</span>` : nothing}
    </button>`;
  }
  private buttons(): TemplateResult {
    return this.held
      ? html`<div class="actions">
          <button data-action="again" @click=${() => this.again()}>${t("web.camera.again")}</button>
          <button class="primary" data-action="keep" @click=${() => void this.keep()}>${t("web.camera.keep")}</button>
        </div>`
      : html`<div class="actions">
          <button class="primary shutter" data-action="take" ?disabled=${!this.stream} @click=${() => this.take()}>${t("web.camera.take")}</button>
        </div>`;
  }
  private other(): TemplateResult {
    return html`<p class="warning plain" role="alert">${this.failure}</p>${captureField((event) => this.add(event))}`;
  }
}

/** The phone's own camera program; what it takes may stay in the phone's gallery, and the page says so. */
export function captureField(take: (event: Event) => void): TemplateResult {
  return html`<label class="button capture">${t("web.camera.capture")}
      <input type="file" name="capture" accept="image/*" capture="environment" multiple @change=${take} /></label>
    <p class="hint">${t("web.camera.capture_hint")}</p>`;
}
