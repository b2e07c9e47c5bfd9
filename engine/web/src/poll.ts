// SPDX-License-Identifier: Apache-2.0
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { kApi } from "./api";

const kEvery = 30_000;
export const kNow = "telavis-refresh";

/** Asks every poll for an early turn: the reader is back, or the engine has news. */
export const refreshNow = (): boolean => window.dispatchEvent(new Event(kNow));

// One connection a browser tab, and only while somebody sees it: a browser has six for them all.
let news: EventSource | undefined;
let pages = 0;
function listen(seen: boolean): void {
  if (!seen || pages === 0) {
    news?.close();
    news = undefined;
  } else if (!news || news.readyState === EventSource.CLOSED) {
    news = new EventSource(`${kApi}/changes`);
    news.addEventListener("changed", refreshNow);
  }
}

/** Refreshes a page when it appears, when the engine has news, every 30 s (of what other processes
 *  did), and when its reader comes back. A page that nobody can see (another tab, an ended session)
 *  asks nothing. */
export class Poll implements ReactiveController {
  private timer = 0;
  private readonly turn = (): void => {
    const seen = !document.hidden && !this.host.closest("[hidden]");
    listen(seen);
    if (seen) void this.refresh();
  };

  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly refresh: () => Promise<void>,
  ) {
    host.addController(this);
  }
  hostConnected(): void {
    pages += 1;
    listen(!document.hidden);
    void this.refresh();
    this.timer = window.setInterval(this.turn, kEvery);
    window.addEventListener(kNow, this.turn);
  }
  hostDisconnected(): void {
    pages -= 1;
    listen(!document.hidden);
    clearInterval(this.timer);
    window.removeEventListener(kNow, this.turn);
  }
}
