// SPDX-License-Identifier: Apache-2.0
import type { ReactiveController, ReactiveControllerHost } from "lit";

const kEvery = 30_000;
export const kNow = "telavis-refresh";

/** Asks every poll for an early turn: the reader is back. */
export const refreshNow = (): boolean => window.dispatchEvent(new Event(kNow));

/** Refreshes a page when it appears, every 30 s, and when its reader comes back. A page that nobody
 *  can see (another tab, an ended session) asks nothing. */
export class Poll implements ReactiveController {
  private timer = 0;
  private readonly turn = (): void => {
    if (!document.hidden && !this.host.closest("[hidden]")) void this.refresh();
  };

  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly refresh: () => Promise<void>,
  ) {
    host.addController(this);
  }
  hostConnected(): void {
    void this.refresh();
    this.timer = window.setInterval(this.turn, kEvery);
    window.addEventListener(kNow, this.turn);
  }
  hostDisconnected(): void {
    clearInterval(this.timer);
    window.removeEventListener(kNow, this.turn);
  }
}
