// SPDX-License-Identifier: Apache-2.0
// Cuts a photo before it is sent, so that a face stays out of it: what is cut off never leaves the page.
import { html, render } from "lit";
import { areaBetween, kWhole, pixelsOf, withEdge, type CropArea } from "./crop_area";
import { t } from "./text";

const kQuality = 0.95; // JPEG: no visible loss
const kMostShown = 900; // pixels of the dialog's own picture
const kEdges: (keyof CropArea)[] = ["left", "right", "top", "bottom"];

async function cut(bitmap: ImageBitmap, area: CropArea, name: string): Promise<File> {
  const { x, y, width, height } = pixelsOf(area, bitmap.width, bitmap.height);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")!.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", kQuality));
  if (!blob) throw new Error("the browser wrote no picture");
  return new File([blob], `${name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
}

function paint(canvas: HTMLCanvasElement, bitmap: ImageBitmap, area: CropArea): void {
  const ink = canvas.getContext("2d")!;
  const { width, height } = canvas;
  ink.drawImage(bitmap, 0, 0, width, height);
  ink.fillStyle = "rgb(0 0 0 / 65%)";
  ink.beginPath();
  ink.rect(0, 0, width, height);
  ink.rect(area.left * width, area.top * height, (area.right - area.left) * width, (area.bottom - area.top) * height);
  ink.fill("evenodd");
}

/** The part that was kept as a JPEG without metadata, upright; undefined when nothing was cut.
 *  Rejects when the browser cannot read the picture. */
export async function cropPhoto(file: File): Promise<File | undefined> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.className = "crop";
  dialog.setAttribute("aria-labelledby", "crop");
  return new Promise((resolve, reject) => {
    let area = kWhole;
    let from: [number, number] | undefined;
    let kept: File | undefined;
    dialog.addEventListener("close", () => {
      dialog.remove();
      bitmap.close();
      resolve(kept);
    });
    const change = (next: CropArea | undefined): void => {
      if (next) area = next;
      show();
    };
    const at = (event: PointerEvent): [number, number] => {
      const box = (event.currentTarget as Element).getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    const drag = (event: PointerEvent): void => {
      if (event.type === "pointerdown") {
        from = at(event);
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
      } else if (event.type === "pointermove" && from) {
        change(areaBetween(...from, ...at(event)));
      } else if (event.type === "pointerup") {
        from = undefined;
      }
    };
    const keep = async (event: Event): Promise<void> => {
      event.preventDefault();
      try {
        kept = await cut(bitmap, area, file.name);
        dialog.close();
      } catch (error) {
        reject(error as Error);
        dialog.close();
      }
    };
    const edge = (name: keyof CropArea): unknown => html`<label>${t(`web.crop.${name}`)}
      <input type="range" name=${name} min="0" max="100" step="0.5" .value=${String(area[name] * 100)}
        @input=${(event: Event) => change(withEdge(area, name, Number((event.target as HTMLInputElement).value) / 100))} /></label>`;
    const shrink = Math.min(1, kMostShown / Math.max(bitmap.width, bitmap.height));
    const show = (): void => {
      render(
        html`<form @submit=${keep}>
          <h2 id="crop">${t("web.crop.title")}</h2>
          <p>${t("web.crop.about")}</p>
          <canvas width=${Math.round(bitmap.width * shrink)} height=${Math.round(bitmap.height * shrink)} aria-hidden="true"
            @pointerdown=${drag} @pointermove=${drag} @pointerup=${drag}></canvas>
          <div class="pair">${kEdges.map(edge)}</div>
          <div class="actions">
            <button type="button" @click=${() => dialog.close()}>${t("web.action.back")}</button>
            <button class="primary" data-action="crop">${t("web.crop.keep")}</button>
          </div>
        </form>`,
        dialog,
      );
      paint(dialog.querySelector("canvas")!, bitmap, area);
    };
    show();
    dialog.showModal();
  });
}
