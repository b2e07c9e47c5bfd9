// SPDX-License-Identifier: Apache-2.0
// Measures the screen: the reader lays a card or a coin on it and matches the drawing.
import { html, svg, render, type TemplateResult } from "lit";
import { forgetScale, kGauges, kLeastScale, kMostScale, kNominalScale, rememberScale, screenScale, type Gauge } from "./screen_scale";
import { t } from "./text";

const kStep = 0.01; // CSS px a millimetre: 0.9 px over a card
const kCardRadiusMm = 3.18; // ISO/IEC 7810: 2.88 to 3.48

const current = (): number | undefined => screenScale(localStorage, screen, devicePixelRatio);

/** CSS pixels a millimetre; undefined when the screen was never measured, or the page is enlarged by
 *  two fingers: then no length on it is true. */
export const knownScale = (): number | undefined => ((visualViewport?.scale ?? 1) === 1 ? current() : undefined);

function drawing(gauge: Gauge, upright: boolean, scale: number): TemplateResult {
  const { widthMm, heightMm } = kGauges[gauge];
  const [width, height] = upright ? [heightMm * scale, widthMm * scale] : [widthMm * scale, heightMm * scale];
  const shape = gauge === "coin"
    ? svg`<circle cx=${width / 2} cy=${height / 2} r=${width / 2 - 0.5} />`
    : svg`<rect x="0.5" y="0.5" width=${width - 1} height=${height - 1} rx=${kCardRadiusMm * scale} />`;
  return html`<svg class="gauge" width=${width} height=${height} aria-hidden="true">${shape}</svg>`;
}

/** Resolves when the dialog is closed, whatever was done in it. */
export function calibrate(): Promise<void> {
  return new Promise((resolve) => {
    const dialog = document.body.appendChild(document.createElement("dialog"));
    dialog.className = "calibration";
    dialog.setAttribute("aria-labelledby", "calibration");
    // A card across a telephone would not fit on its screen.
    const upright = innerWidth < kGauges.card.widthMm * kMostScale / 2;
    let gauge: Gauge = "card";
    let scale = current() ?? kNominalScale;
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    const save = (event: Event): void => {
      event.preventDefault();
      rememberScale(localStorage, screen, devicePixelRatio, scale);
      dialog.close();
    };
    const forget = (): void => {
      forgetScale(localStorage, screen);
      dialog.close();
    };
    const slide = (event: Event): void => {
      scale = Number((event.target as HTMLInputElement).value);
      show();
    };
    const option = (one: Gauge): TemplateResult => html`<label class="option">
      <input type="radio" name="gauge" value=${one} ?checked=${gauge === one} @change=${() => { gauge = one; show(); }} />
      ${t(`web.screen.${one}`)}
    </label>`;
    const show = (): unknown => render(
      html`<form @submit=${save}>
        <h2 id="calibration">${t("web.screen.title")}</h2>
        <p>${t("web.screen.about")}</p>
        <fieldset><legend>${t("web.screen.gauge")}</legend>${option("card")} ${option("coin")}</fieldset>
        <div class="gauges">${drawing(gauge, upright, scale)}</div>
        <label>${t("web.screen.size")}
          <input type="range" name="scale" min=${kLeastScale} max=${kMostScale} step=${kStep} .value=${String(scale)} @input=${slide} />
        </label>
        <div class="actions">
          ${current() === undefined ? "" : html`<button type="button" class="danger" @click=${forget}>${t("web.screen.forget")}</button>`}
          <button type="button" @click=${() => dialog.close()}>${t("web.action.back")}</button>
          <button class="primary" data-action="calibrate">${t("web.screen.save")}</button>
        </div>
      </form>`,
      dialog,
    );
    show();
    dialog.showModal();
  });
}
