// SPDX-License-Identifier: Apache-2.0
// How many pixels of this screen make a millimetre: measured once by the reader with a thing of
// known size, remembered in this browser for screens of this size.

/** Widths in millimetres. Card: ISO/IEC 7810 ID-1, 85.60 x 53.98; coin: 1 EUR, Regulation (EU)
 *  729/2014, annex I. */
export const kGauges = { card: { widthMm: 85.6, heightMm: 53.98 }, coin: { widthMm: 23.25, heightMm: 23.25 } } as const;
export type Gauge = keyof typeof kGauges;

/** CSS pixels a millimetre: from a projector to a small dense screen. */
export const kLeastScale = 1.5;
export const kMostScale = 14;
/** CSS defines 96 px as an inch; screens do not obey. */
export const kNominalScale = 96 / 25.4;

const kStored = "telavis.screens";
/** What distinguishes screens as far as a page can tell. */
export interface ScreenLike {
  width: number;
  height: number;
}
type Store = Pick<Storage, "getItem" | "setItem">;

function remembered(store: Store): Record<string, number> {
  try {
    const read: unknown = JSON.parse(store.getItem(kStored) ?? "{}");
    return read && typeof read === "object" ? (read as Record<string, number>) : {};
  } catch {
    return {}; // something else wrote there: as if nobody had measured
  }
}
const nameOf = (screen: ScreenLike): string => `${screen.width}x${screen.height}`;

/** CSS pixels a millimetre, undefined when nobody has measured this screen. What is kept are the
 *  screen's own dots, so that the browser's zoom (`ratio`, devicePixelRatio) changes nothing. */
export function screenScale(store: Store, screen: ScreenLike, ratio: number): number | undefined {
  const dots = remembered(store)[nameOf(screen)];
  return typeof dots === "number" && dots > 0 && Number.isFinite(dots) ? dots / ratio : undefined;
}
export function rememberScale(store: Store, screen: ScreenLike, ratio: number, scale: number): void {
  store.setItem(kStored, JSON.stringify({ ...remembered(store), [nameOf(screen)]: scale * ratio }));
}
export function forgetScale(store: Store, screen: ScreenLike): void {
  const { [nameOf(screen)]: _, ...others } = remembered(store);
  store.setItem(kStored, JSON.stringify(others));
}
