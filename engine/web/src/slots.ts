// SPDX-License-Identifier: Apache-2.0
// Appointments that an expert offers inside an opinion.
import { html, nothing, type TemplateResult } from "lit";
import type { OfferedSlot } from "./api_types";
import { dateTime, t } from "./text";

export const slotWords = (slot: OfferedSlot): string =>
  [slot.starts_at ? dateTime(slot.starts_at) : "", slot.place ?? ""].filter(Boolean).join(", ");

/** As the requester reads them: when, where, how to book. */
export function slotLines(slots: readonly OfferedSlot[] = []): unknown {
  if (slots.length === 0) return nothing;
  return html`<ul class="slots">${slots.map((slot): TemplateResult => html`<li data-slot=${slot.id}>
    <strong>${slotWords(slot)}</strong>${slot.booking ? html`<span class="block">${t("web.slots.book", { how: slot.booking })}</span>` : nothing}</li>`)}</ul>`;
}
