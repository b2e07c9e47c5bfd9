// SPDX-License-Identifier: Apache-2.0
// Whom a requester asks by name, in a programme where he chooses: a group practice or experts.
import { html, nothing, type TemplateResult } from "lit";
import { now } from "./api";
import type { CaseRequest, DirectoryEntry } from "./api_types";
import { typedText, type Problems } from "./fields";
import { dateTime, t } from "./text";

const kMostExperts = 10; // the engine's own bound

export const phoneLink = (phone: string): unknown =>
  phone ? html`<a href="tel:${phone.replace(/[^+\d]/g, "")}">${phone}</a>` : nothing;

function availability(entry: DirectoryEntry): string {
  if (!entry.next_open_at) return t("web.directory.never");
  return Date.parse(entry.next_open_at) <= now()
    ? t("web.directory.now")
    : t("web.directory.from", { at: dateTime(entry.next_open_at) });
}

function entryLine(entry: DirectoryEntry, input: TemplateResult): TemplateResult {
  const about = [entry.kind === "group" ? "" : entry.speciality, entry.place, entry.territory].filter(Boolean).join(", ");
  return html`<li>
    <label class="option">${input}<span><strong>${entry.name}</strong>${about ? html` <small>${about}</small>` : nothing}</span></label>
    <span class="reach"><small>${availability(entry)}</small> ${phoneLink(entry.phone)}</span>
  </li>`;
}

export function directoryCard(
  entries: readonly DirectoryEntry[], prior: CaseRequest | undefined, problems: Problems,
): TemplateResult {
  const groups = entries.filter((entry) => entry.kind === "group");
  const problem = problems.get("requested_group");
  const radio = (value: string): TemplateResult =>
    html`<input type="radio" name="requested_group" value=${value} ?checked=${(prior?.requested_group ?? "") === value} />`;
  return html`<section class="card directory">
    <h2>${t("web.directory.title")}</h2>
    <p>${t("web.directory.about")}</p>
    ${groups.length > 0
      ? html`<fieldset>
          <legend>${t("web.directory.groups")}</legend>
          <ul>
            <li><label class="option">${radio("")}${t("web.directory.no_group")}</label></li>
            ${groups.map((entry) => entryLine(entry, radio(entry.id)))}
          </ul>
        </fieldset>`
      : nothing}
    <fieldset>
      <legend>${t("web.directory.experts")}</legend>
      <ul>
        ${entries
          .filter((entry) => entry.kind !== "group")
          .map((entry) =>
            entryLine(entry, html`<input type="checkbox" name="requested_experts" value=${entry.id} ?checked=${prior?.requested_experts.includes(entry.id) ?? false} />`),
          )}
      </ul>
    </fieldset>
    ${problem ? html`<span class="problem">${problem.text}</span>` : nothing}
  </section>`;
}

export const readDirectory = (data: FormData): Pick<CaseRequest, "requested_experts" | "requested_group"> => ({
  requested_experts: data.getAll("requested_experts").map(String),
  requested_group: typedText(data, "requested_group"),
});

export function directoryProblem(data: FormData): string {
  const { requested_experts: experts, requested_group: group } = readDirectory(data);
  if (experts.length > 0 && group !== "") return t("web.directory.either");
  return experts.length > kMostExperts ? t("web.directory.too_many", { max: kMostExperts }) : "";
}
