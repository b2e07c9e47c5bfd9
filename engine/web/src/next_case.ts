// SPDX-License-Identifier: Apache-2.0
// After a signature or a refusal: on to what waits next. Looked up when it is pressed, so that what others
// have taken meanwhile is not opened.
import { html, type TemplateResult } from "lit";
import { api, textOf } from "./api";
import { nextFor, openWith } from "./case_context";
import { t } from "./text";

async function go(event: Event, from: string): Promise<void> {
  const button = event.currentTarget as HTMLButtonElement;
  const status = button.nextElementSibling as HTMLElement;
  button.disabled = true;
  try {
    const next = nextFor((await api.cases()).cases, from);
    if (next) openWith(next.id);
    else status.textContent = t("web.next.none");
  } catch (error) {
    status.textContent = textOf(error);
  }
  button.disabled = false;
}

export const nextButton = (from: string): TemplateResult => html`<p class="next">
  <button class="primary" data-action="next-case" @click=${(event: Event) => void go(event, from)}>${t("web.next.open")}</button>
  <span role="status"></span></p>`;
