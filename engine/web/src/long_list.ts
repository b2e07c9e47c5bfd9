// SPDX-License-Identifier: Apache-2.0
// A list of thousands: its beginning is in the page, and more of it whenever its end comes near. What is searched
// and counted is all of it.
import { html, nothing, type ReactiveController, type ReactiveControllerHost } from "lit";
import { ref } from "lit/directives/ref.js";
import { t } from "./text";

export const kPiece = 100;
const kNear = "800px";

export class LongList implements ReactiveController {
  private shown = kPiece;
  private readonly ends = new IntersectionObserver(
    (seen) => {
      if (seen.some((one) => one.isIntersecting)) this.more();
    },
    { rootMargin: kNear },
  );

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }
  hostDisconnected(): void {
    this.ends.disconnect();
  }
  /** Seen anew after each piece: an end that is still near asks for the next one. */
  hostUpdated(): void {
    for (const end of this.watched) {
      this.ends.unobserve(end);
      if (end.isConnected) this.ends.observe(end);
      else this.watched.delete(end);
    }
  }
  private readonly watched = new Set<Element>();
  private readonly watch = (end?: Element): void => {
    if (end) this.watched.add(end);
  };

  more(): void {
    this.shown += kPiece;
    this.host.requestUpdate();
  }
  /** What of `all` is in the page. */
  part<T>(all: readonly T[]): readonly T[] {
    return all.length > this.shown ? all.slice(0, this.shown) : all;
  }
  /** Stands behind the part, as long as there is more. */
  end(all: readonly unknown[]): unknown {
    if (all.length <= this.shown) return nothing;
    return html`<p class="list-end" ${ref(this.watch)}>
      <button data-action="more" @click=${() => this.more()}>${t("web.list.more", { count: all.length - this.shown })}</button>
    </p>`;
  }
}
