// SPDX-License-Identifier: Apache-2.0
// For how long nobody has touched any page of this browser: every tab writes it down for the others.
const kActive = "telavis.active";
const kPrecision = 1_000; // how often an input is written down, ms
const kCheck = 5_000;

/** What the page does about it: `locked` writes nothing down, a number of seconds is the limit. */
export type Watch = "locked" | "off" | number;

export function idleSeconds(): number {
  const active = Number(localStorage.getItem(kActive));
  return active > 0 ? Math.max(0, Math.floor((Date.now() - active) / 1000)) : 0;
}
/** Somebody is there. */
export const touched = (): void => localStorage.setItem(kActive, String(Date.now()));

/** `idle` is called once the limit is reached; `elsewhere` when somebody is active in another tab. */
export function watchIdle(watch: () => Watch, idle: () => void, elsewhere: () => void): void {
  const over = (): boolean => {
    const limit = watch();
    return typeof limit === "number" && idleSeconds() >= limit;
  };
  const check = (): void => {
    if (over()) idle();
  };
  let written = 0;
  const note = (): void => {
    // A machine that slept wakes up by the key that would otherwise count as presence.
    if (over()) return idle();
    if (watch() === "locked" || Date.now() - written < kPrecision) return;
    written = Date.now();
    touched();
  };
  for (const name of ["pointerdown", "keydown", "wheel"]) addEventListener(name, note, { capture: true, passive: true });
  setInterval(check, kCheck);
  document.addEventListener("visibilitychange", check);
  addEventListener("storage", ({ key }) => {
    if (key === kActive && watch() === "locked") elsewhere();
  });
}
