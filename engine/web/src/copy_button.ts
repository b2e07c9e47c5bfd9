// SPDX-License-Identifier: Apache-2.0
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { showText } from "./dialog";
import { Page, t } from "./text";

/** Puts a text into the clipboard; where the browser refuses that, shows it to be copied by hand. */
@customElement("telavis-copy")
export class CopyButton extends Page {
  @property({ attribute: false }) text = (): string => "";
  @state() private done = false;

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text());
      this.done = true;
    } catch {
      showText(this.text(), t("web.copy.action"), t("web.copy.by_hand"));
    }
  }
  protected override render(): unknown {
    return html`<button data-action="copy" @click=${this.copy}>${t("web.copy.action")}</button>
      <span role="status" class="hint">${this.done ? t("web.copy.done") : nothing}</span>`;
  }
}
