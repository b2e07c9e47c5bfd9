// SPDX-License-Identifier: Apache-2.0
// Which part of the body map the site of a lesion names. Only the names that the form itself offers
// are known: anything else stays words, so that the map never guesses.

export const kSites = [
  "scalp", "face", "neck", "nape", "thorax", "abdomen", "back", "lower_back", "buttocks", "genitals",
  "arm_right", "arm_left", "forearm_right", "forearm_left", "hand_right", "hand_left",
  "thigh_right", "thigh_left", "leg_right", "leg_left", "foot_right", "foot_left",
] as const;
export type Site = (typeof kSites)[number];

const folded = (words: string): string =>
  words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s’'-]+/g, " ").trim();

/** The site that stands before the first comma ("dos, en haut à gauche"); `namesOf` gives its names in
 *  every language. */
export function siteOf(words: string, namesOf: (site: Site) => readonly string[]): Site | undefined {
  const named = folded(words.split(",")[0] ?? "");
  return kSites.find((site) => namesOf(site).some((name) => folded(name) === named));
}
