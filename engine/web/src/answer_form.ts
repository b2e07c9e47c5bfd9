// SPDX-License-Identifier: Apache-2.0
// The expert's answer. Its fields keep what is typed: nothing is bound to them.
import { html, nothing, type TemplateResult } from "lit";
import type { OpinionText, Orientation } from "./api";
import { ask } from "./dialog";
import { t } from "./text";

const kOrientations: Orientation[] = [
  "gp_management", "other_specialty", "in_person", "repeat_recording", "emergency_15",
];

export function answerForm(submit: (event: Event) => void): TemplateResult {
  return html`<section class="card">
    <h2>${t("web.answer.title")}</h2>
    <form @submit=${submit}>
      <div class="answer">
        <div>
          <fieldset>
            <legend>${t("web.opinion.data")}</legend>
            <label class="option"><input type="radio" name="data_sufficient" value="yes" required />${t("web.opinion.data_yes")}</label>
            <label class="option"><input type="radio" name="data_sufficient" value="no" />${t("web.opinion.data_no")}</label>
          </fieldset>
          <label>${t("web.opinion.conclusion")}<textarea name="conclusion" rows="4" required></textarea></label>
          <label>${t("web.opinion.conduct")} ${t("web.optional")}<textarea name="conduct" rows="4"></textarea></label>
        </div>
        <div>
          <fieldset>
            <legend>${t("web.opinion.orientation")}</legend>
            ${kOrientations.map(
              (orientation) => html`<label class="option">
                <input type="radio" name="orientation" value=${orientation} required />${t(`orientation.${orientation}`)}
              </label>`,
            )}
          </fieldset>
          <label>${t("web.opinion.pedagogy")} ${t("web.optional")}<textarea name="pedagogy" rows="4"></textarea></label>
        </div>
      </div>
      <div class="actions">
        <button class="primary" data-action="sign">${t("web.action.sign")}</button>
      </div>
    </form>
  </section>`;
}

function read(form: HTMLFormElement): OpinionText {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "").trim();
  return {
    conclusion: text("conclusion"),
    conduct: text("conduct"),
    orientation: text("orientation") as Orientation,
    data_sufficient: data.get("data_sufficient") === "yes",
    pedagogy: text("pedagogy"),
  };
}

/** Shows what is about to be signed; what is typed stays in the form if it is not sent. */
export function confirmAnswer(
  form: HTMLFormElement, send: (opinion: OpinionText) => Promise<void>,
): Promise<boolean> {
  const opinion = read(form);
  return ask({
    title: t("web.answer.confirm"),
    body: html`<dl>
        <div><dt>${t("web.opinion.orientation")}</dt><dd><strong>${t(`orientation.${opinion.orientation}`)}</strong></dd></div>
        <div><dt>${t("web.opinion.conclusion")}</dt><dd>${opinion.conclusion}</dd></div>
        ${opinion.conduct ? html`<div><dt>${t("web.opinion.conduct")}</dt><dd>${opinion.conduct}</dd></div>` : nothing}
      </dl>
      ${opinion.orientation === "emergency_15" ? html`<p class="error">${t("web.answer.call")}</p>` : nothing}
      <p class="hint">${t("web.answer.final")}</p>`,
    confirm: t("web.action.sign"),
    send: () => send(opinion),
  });
}
