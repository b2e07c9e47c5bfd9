// SPDX-License-Identifier: Apache-2.0
// Where a case stands and how long it has, in words.
import { html, nothing } from "lit";
import { now } from "./api";
import type { CaseFigures } from "./api_types";
import { awaitsMe, isOpen, isUnread } from "./case_context";
import { t } from "./text";
import { hoursBetween, timeLeft } from "./time_left";

function stateWords(figures: CaseFigures): string {
  if (figures.pending_release_at) return t("web.state.signed");
  if (figures.actions.includes("accept") && figures.state === "offered") return t("web.state.offered_to_me");
  if (figures.state === "waiting" && figures.my_role === "requester") return t("web.state.waiting_for_me");
  if (figures.state === "redirected" && figures.redirect_exit) return t(`web.state.redirected_${figures.redirect_exit}`);
  return t(isUnread(figures) ? "web.state.unread" : `web.state.${figures.state}`);
}

/** The state, as seen by the reader: an offer is a question to its expert only. */
export function stateChip(figures: CaseFigures): unknown {
  const urgent = figures.urgent_alert || (figures.urgent && !figures.acknowledged_at);
  return html`<span class="chip" data-state=${figures.state} ?data-mine=${awaitsMe(figures)}>${stateWords(figures)}</span>
    ${urgent ? html`<span class="chip" data-urgent>${t("web.state.urgent")}</span>` : nothing}
    ${figures.appointment_awaited ? html`<span class="chip" data-waits>${t("web.state.appointment")}</span>` : nothing}
    ${figures.follow_up_due_at ? html`<span class="chip" data-waits>${t("web.state.follow_up")}</span>` : nothing}`;
}

/** The time left while an answer is awaited, the time it took once it is there. */
export function timeChip(figures: CaseFigures): unknown {
  const { promise } = figures;
  if (isOpen(figures)) {
    if (!promise) return html`<span class="time">${t("web.time.none")}</span>`;
    const { level, unit, count } = timeLeft(now(), promise.breach_at);
    const sense = level === "late" ? "late" : "left";
    return html`<span class="time" data-level=${level}>${t(`web.time.${sense}_${unit}`, { count })}</span>`;
  }
  if (!figures.answered_at) return nothing;
  const hours = hoursBetween(promise?.completed_at ?? figures.submitted_at, figures.answered_at);
  return html`<span class="time">
    ${hours === 0 ? t("web.time.answered_soon") : t("web.time.answered", { hours })}
    ${figures.late ? html`<span class="time" data-level="late">${t("web.time.breached")}</span>` : nothing}
  </span>`;
}
