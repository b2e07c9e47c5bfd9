// SPDX-License-Identifier: Apache-2.0
// The screen's own scale, the cut of a photo, the site on the body map.
import assert from "node:assert/strict";
import { test } from "node:test";
import catalogue from "../../engine/messages.json";
import { kSites, siteOf } from "../../engine/web/src/body_site";
import { areaBetween, kWhole, pixelsOf, withEdge } from "../../engine/web/src/crop_area";
import { forgetScale, rememberScale, screenScale } from "../../engine/web/src/screen_scale";

function store(): Pick<Storage, "getItem" | "setItem"> {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}
const desk = { width: 1920, height: 1080 };

test("a screen is not calibrated until somebody has measured it", () => {
  assert.equal(screenScale(store(), desk, 1), undefined);
});
test("a millimetre stays a millimetre when the browser zooms", () => {
  const kept = store();
  rememberScale(kept, desk, 1, 4);
  assert.equal(screenScale(kept, desk, 1), 4);
  assert.equal(screenScale(kept, desk, 2), 2, "half as many CSS pixels, each twice as large");
});
test("each screen has its own scale, and may lose it", () => {
  const kept = store();
  rememberScale(kept, desk, 1, 4);
  assert.equal(screenScale(kept, { width: 390, height: 844 }, 3), undefined);
  rememberScale(kept, { width: 390, height: 844 }, 3, 6);
  forgetScale(kept, desk);
  assert.equal(screenScale(kept, desk, 1), undefined);
  assert.equal(screenScale(kept, { width: 390, height: 844 }, 3), 6);
});
test("what something else wrote there calibrates nothing", () => {
  for (const junk of ["{", "null", "[]", '{"1920x1080":"4"}', '{"1920x1080":-4}', '{"1920x1080":null}']) {
    assert.equal(screenScale({ getItem: () => junk, setItem: () => undefined }, desk, 1), undefined, junk);
  }
});

test("a cut is drawn from any corner and stays on the photo", () => {
  const wanted = { left: 0.25, top: 0.5, right: 0.75, bottom: 1 };
  assert.deepEqual(areaBetween(0.75, 0.5, 0.25, 1.4), wanted);
  assert.deepEqual(areaBetween(0.25, 3, 0.75, 0.5), wanted);
  assert.equal(areaBetween(0.2, 0.2, 0.21, 0.9), undefined);
});
test("an edge never passes the one across", () => {
  const narrow = withEdge(withEdge(kWhole, "left", 0.6), "right", 0.1);
  assert.ok(narrow.left === 0.6 && narrow.right > 0.6 && narrow.right < 0.7);
  assert.equal(withEdge(kWhole, "top", -3).top, 0);
});
test("a cut is whole pixels within the photo, never none", () => {
  assert.deepEqual(pixelsOf({ left: 0.25, top: 0.5, right: 0.75, bottom: 1 }, 4000, 3000), { x: 1000, y: 1500, width: 2000, height: 1500 });
  assert.deepEqual(pixelsOf(kWhole, 7, 5), { x: 0, y: 0, width: 7, height: 5 });
  assert.equal(pixelsOf({ left: 0.5, top: 0.5, right: 0.5, bottom: 0.5 }, 3, 3).width, 1);
});

const names = catalogue as Record<string, { fr: string; en: string }>;
const namesOf = (site: string): string[] => Object.values(names[`web.site.${site}`] ?? {});
test("every site is found by each of its names, whatever the accents, and by no other's", () => {
  for (const site of kSites) {
    assert.equal(namesOf(site).length, 2, site);
    for (const name of namesOf(site)) {
      assert.equal(siteOf(name, namesOf), site);
      assert.equal(siteOf(`  ${name.toUpperCase()} , en haut`, namesOf), site);
    }
  }
  assert.equal(siteOf("region lombaire", namesOf), "lower_back");
});
test("words that the form does not offer are shown on no map", () => {
  for (const words of ["", "bras", "dos de la main gauche", "entre le dos et le bras gauche", "jambe"]) {
    assert.equal(siteOf(words, namesOf), undefined, words);
  }
});
