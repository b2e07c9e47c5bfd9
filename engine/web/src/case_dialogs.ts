// SPDX-License-Identifier: Apache-2.0
// Questions before a case goes another way: to a colleague, to another programme, or nowhere.
import { html, nothing, type TemplateResult } from "lit";
import { api, ApiError } from "./api";
import type { Command, Programme } from "./api_types";
import type { CaseContext } from "./case_context";
import { ask } from "./dialog";
import { t } from "./text";

const kLeave = ["conflict_of_interest", "unavailable", "not_my_field", "other"] as const;
const kCancel = [
  "resolved_otherwise", "sent_by_mistake", "patient_withdrew", "sent_to_emergency", "seen_in_person", "other",
] as const;
const kReassign = ["requester_choice", "expert_choice", "nobody_eligible", "no_answer", "other"] as const;
const kMinOpeningReason = 10;

function choice(name: string, label: string, options: { code: string; label: string }[]): TemplateResult {
  return html`<label>${label}
    <select name=${name} required>
      <option value="">${t("web.choose")}</option>
      ${options.map((one) => html`<option value=${one.code}>${one.label}</option>`)}
    </select></label>`;
}

/** Leaving or withdrawing a case, with a reason in a code. */
export function askReason(context: CaseContext, command: Extract<Command, "decline" | "give-back" | "cancel">): void {
  const options = command === "cancel"
    ? kCancel.map((code) => ({ code, label: t(`web.cancel.${code}`) }))
    : kLeave.map((code) => ({ code, label: t(`web.decline.${code}`) }));
  void ask({
    title: t(`web.action.${command}`),
    body: html`<p>${t(`web.ask.${command}`)}</p>${choice("reason", t("web.reason_label"), options)}`,
    confirm: t(`web.action.${command}`),
    danger: true,
    send: (form) => context.run(command, { reason: form.get("reason") }),
  });
}

export function askOpening(context: CaseContext): void {
  void ask({
    title: t("web.action.open"),
    body: html`<p>${t("web.ask.open")}</p>
      <label>${t("web.reason_label")}
        <textarea name="reason" rows="3" required minlength=${kMinOpeningReason}></textarea></label>`,
    confirm: t("web.action.open"),
    send: (form) => context.run("open", { reason: String(form.get("reason")).trim() }),
  });
}

/** Experts who may be named: those of the programme's directory, but whoever has the case. */
async function candidates({ figures }: CaseContext): Promise<{ code: string; label: string }[]> {
  const { directory } = await api.directory(figures.programme);
  const has = new Set([figures.requester.id, figures.expert?.id]);
  return directory
    .filter((entry) => entry.kind === "expert" && !has.has(entry.id))
    .map((entry) => ({ code: entry.id, label: [entry.name, entry.place, entry.phone].filter(Boolean).join(", ") }));
}

export async function askReassignment(context: CaseContext): Promise<void> {
  const experts = await candidates(context);
  await ask({
    title: t("web.action.reassign"),
    body: html`<p>${t("web.ask.reassign")}</p>
      ${experts.length === 0 ? html`<p class="warning">${t("web.ask.nobody")}</p>` : nothing}
      ${choice("expert", t("web.case.expert"), experts)}
      ${choice("reason", t("web.reason_label"), kReassign.map((code) => ({ code, label: t(`web.reassign.${code}`) })))}`,
    confirm: t("web.action.reassign"),
    send: (form) => context.run("reassign", { expert: form.get("expert"), reason: form.get("reason") }),
  });
}

const takes = (programme: Programme, context: CaseContext): boolean =>
  programme.speciality === context.figures.speciality && programme.id !== context.figures.programme;

export async function askTransfer(context: CaseContext): Promise<void> {
  const mine = new Set((await api.me()).user.memberships.filter((one) => one.role === "requester").map((one) => one.programme));
  const others = (await api.programmes()).programmes.filter((programme) => mine.has(programme.id) && takes(programme, context));
  if (others.length === 0) throw new ApiError("no_other_programme", t("web.ask.no_programme"));
  await ask({
    title: t("web.action.transfer"),
    body: html`<p>${t("web.ask.transfer")}</p>
      ${choice("programme", t("web.case.programme"), others.map((one) => ({ code: one.id, label: `${one.name} – ${one.association}` })))}`,
    confirm: t("web.action.transfer"),
    send: (form) => context.run("transfer", { programme: form.get("programme") }),
  });
}
