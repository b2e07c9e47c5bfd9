// SPDX-License-Identifier: Apache-2.0
// The body map beside the field of a lesion's site: a tap names it, what is typed shows on it.
import { customElement, property, state } from "lit/decorators.js";
import { bodyPicker } from "./body_map";
import { Page } from "./text";

@customElement("telavis-body-picker")
export class BodyPicker extends Page {
  /** Name of the field, in the same form. */
  @property() field = "";
  @state() private words = "";
  private readonly typed = (): void => {
    this.words = this.input()?.value ?? "";
  };

  private input(): HTMLInputElement | null {
    return this.closest("form")?.querySelector<HTMLInputElement>(`[name="${CSS.escape(this.field)}"]`) ?? null;
  }
  override connectedCallback(): void {
    super.connectedCallback();
    this.closest("form")?.addEventListener("input", this.typed);
  }
  override disconnectedCallback(): void {
    this.closest("form")?.removeEventListener("input", this.typed);
    super.disconnectedCallback();
  }
  protected override firstUpdated(): void {
    this.typed();
  }
  private choose(name: string): void {
    const input = this.input();
    if (!input) return;
    input.value = name;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  protected override render(): unknown {
    return bodyPicker(this.words, (name) => this.choose(name));
  }
}
