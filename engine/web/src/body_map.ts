// SPDX-License-Identifier: Apache-2.0
// A body from the front and from the back, with the site of the lesion on it.
import { html, nothing, svg, type TemplateResult } from "lit";
import { kSites, siteOf, type Site } from "./body_site";
import { spellings, t } from "./text";

// Outlines in a box of 100 x 220; the patient's right is on the reader's left from the front.
const kTrunkFront = [
  ["thorax", "M36 44 Q50 40 64 44 L66 74 Q50 79 34 74 Z"],
  ["abdomen", "M34 75 Q50 80 66 75 L65 101 Q50 106 35 101 Z"],
  ["genitals", "M35 102 Q50 107 65 102 L60 113 Q50 121 40 113 Z"],
  ["neck", "M44 34 L56 34 L58 43 Q50 40 42 43 Z"],
  ["face", "M40 18 Q39 33 50 35 Q61 33 60 18 Z"],
] as const;
const kTrunkBack = [
  ["back", "M36 44 Q50 40 64 44 L66 80 Q50 84 34 80 Z"],
  ["lower_back", "M34 81 Q50 85 66 81 L65 98 Q50 101 35 98 Z"],
  ["buttocks", "M35 99 Q50 102 65 99 L67 117 Q58 123 50 118 Q42 123 33 117 Z"],
  ["nape", "M43 30 L57 30 L58 43 Q50 40 42 43 Z"],
] as const;
const kScalp = "M40 17 Q40 5 50 5 Q60 5 60 17 Z";
const kScalpBack = "M40 17 Q40 5 50 5 Q60 5 60 17 Q60 29 50 29 Q40 29 40 17 Z";
// Of one side; the other one is its mirror image.
const kLimbs = [
  ["arm", "M35 45 Q27 47 26 56 L23 80 L31 82 L34 64 Z"],
  ["forearm", "M23 81 L31 83 L27 108 L20 106 Z"],
  ["hand", "M19 107 L27 109 Q27 120 22 124 Q16 119 19 107 Z"],
  ["thigh", "M35 104 Q42 116 49 119 L47 156 L35 156 Z"],
  ["leg", "M35 157 L47 157 L45 199 L38 199 Z"],
  ["foot", "M38 200 L45 200 L46 211 Q39 215 32 211 Z"],
] as const;

const namesOf = (site: Site): readonly string[] => spellings(`web.site.${site}`);

function part(site: Site, path: string, chosen: Site | undefined, mirrored = false): unknown {
  return svg`<path class=${site === chosen ? "site" : "body"} data-site=${site} d=${path} transform=${mirrored ? "translate(100 0) scale(-1 1)" : nothing} />`;
}
function figure(side: "front" | "back", chosen: Site | undefined): unknown {
  const trunk = side === "front" ? kTrunkFront : kTrunkBack;
  const [near, far] = side === "front" ? (["right", "left"] as const) : (["left", "right"] as const);
  return svg`<g transform=${side === "front" ? nothing : "translate(110 0)"}>
    ${part("scalp", side === "front" ? kScalp : kScalpBack, chosen)}
    ${trunk.map(([site, path]) => part(site, path, chosen))}
    ${kLimbs.map(([limb, path]) => [part(`${limb}_${near}`, path, chosen), part(`${limb}_${far}`, path, chosen, true)])}
  </g>`;
}

/** The same to be clicked: a second way to fill in a field that says it all, so nothing of it is announced. */
export function bodyPicker(words: string, choose: (name: string) => void): TemplateResult {
  const pick = (event: Event): void => {
    const site = (event.target as Element).getAttribute("data-site") as Site | null;
    if (site) choose(t(`web.site.${site}`));
  };
  const site = siteOf(words, namesOf);
  return html`<figure class="body-map picker" aria-hidden="true">
    <svg viewBox="0 0 210 220" @click=${pick}>${figure("front", site)} ${figure("back", site)}</svg>
    <figcaption class="hint">${t("web.photo.map_sides")}</figcaption>
  </figure>`;
}

/** Nothing without words; words alone when they are none of the form's own. */
export function bodyMap(words: string): unknown {
  if (!words) return nothing;
  const site = siteOf(words, namesOf);
  return html`<figure class="body-map">
    ${site
      ? html`<svg viewBox="0 0 210 220" role="img" aria-label=${t("web.photo.site_on_map", { site: t(`web.site.${site}`) })}>
          ${figure("front", site)} ${figure("back", site)}
        </svg>`
      : nothing}
    <figcaption><strong>${t("web.photo.site")}</strong> ${words}${site ? html`<br /><span class="hint">${t("web.photo.map_sides")}</span>` : nothing}</figcaption>
  </figure>`;
}

/** What the field of the site offers. */
export const siteOptions = (): TemplateResult[] => kSites.map((site) => html`<option value=${t(`web.site.${site}`)}></option>`);
