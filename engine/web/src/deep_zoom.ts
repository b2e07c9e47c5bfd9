// SPDX-License-Identifier: Apache-2.0
// One photo in a deep zoom (OpenSeadragon), whole and as it was sent.
import OpenSeadragon from "openseadragon";

export interface DeepZoom {
  zoomBy(factor: number): void;
  fit(): void;
  /** For the screen alone: percent of the photo's own brightness and contrast. */
  adjust(brightness: number, contrast: number): void;
  destroy(): void;
}

const kMostZoom = 12; // CSS pixels a pixel of the photo
// Keys by which the library turns or mirrors: a lesion has its left and its right.
const kRefusedKeys = ["r", "R", "f", "F"];

/** The library writes a <style> of its own, which the policy refuses, unless it finds one of this mark:
 *  an outline that it takes away from fingers, and that we keep. */
function keepStyleAway(): void {
  const mark = "data-openseadragon-mobile-css";
  if (document.querySelector(`style[${mark}]`)) return;
  // Of no namespace: nothing that a browser takes for a style sheet.
  const style = document.createElementNS("", "style");
  style.setAttribute(mark, "true");
  document.head.append(style);
}

/** The library empties this element by `innerHTML = ""`, which the policy (Trusted Types) refuses for any text:
 *  it is empty, and what is assigned stays a mere property. */
function emptyByText(element: HTMLElement): void {
  Object.defineProperty(element, "innerHTML", { value: "", writable: true });
}

/** `url` is of this page (blob:). Resolves when the photo is there. */
export function openDeepZoom(element: HTMLElement, url: string, label: string): Promise<DeepZoom> {
  keepStyleAway();
  const viewer = new OpenSeadragon.Viewer({
    element,
    drawer: "canvas",
    prefixUrl: "",
    preserveOverlays: true, // there are none; emptyByText() says why they are left alone
    showNavigationControl: false,
    tileSources: { type: "image", url },
    animationTime: 0.3,
    maxZoomPixelRatio: kMostZoom,
    minZoomImageRatio: 0.9,
    visibilityRatio: 0.5,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    gestureSettingsTouch: { pinchRotate: false, dblClickToZoom: true },
  });
  viewer.canvas.setAttribute("role", "region");
  viewer.canvas.setAttribute("aria-label", label);
  viewer.addHandler("canvas-key", (event) => {
    if (kRefusedKeys.includes((event.originalEvent as KeyboardEvent).key)) event.preventDefaultAction = true;
  });
  const zoom: DeepZoom = {
    zoomBy: (factor) => viewer.viewport.zoomBy(factor).applyConstraints(),
    fit: () => viewer.viewport.goHome(),
    adjust: (brightness, contrast) => {
      viewer.canvas.style.filter = brightness === 100 && contrast === 100 ? "" : `brightness(${brightness}%) contrast(${contrast}%)`;
    },
    destroy: () => {
      emptyByText(viewer.overlaysContainer);
      viewer.destroy();
    },
  };
  return new Promise((resolve, reject) => {
    viewer.addOnceHandler("open", () => resolve(zoom));
    viewer.addOnceHandler("open-failed", () => reject(new Error("the photo cannot be shown")));
  });
}
