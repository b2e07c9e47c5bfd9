// SPDX-License-Identifier: Apache-2.0
// Over the answer form: the expert's templates and phrases, and keeping a new one.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, ApiError, textOf } from "./api";
import type { CaseRequest, Speciality } from "./api_types";
import { ask } from "./dialog";
import { fits, namesPatient, templateOf, type OpinionTemplate, type OwnTexts, type Phrase } from "./personal_texts";
import { Page, t } from "./text";

/** Fills in the form: `telavis-template`, `telavis-phrase` carry what was chosen. */
@customElement("telavis-text-bar")
export class TextBar extends Page {
  @property() speciality: Speciality | "" = "";
  @property({ attribute: false }) patient?: CaseRequest["patient"];
  /** What stands in the form, by name. */
  @property({ attribute: false }) value: (name: string) => string = () => "";
  @state() private texts?: OwnTexts;
  @state() private failure = "";
  @state() private told = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  private async load(): Promise<void> {
    try {
      this.texts = await api.texts();
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  private choose(kind: "template" | "phrase", event: Event): void {
    const select = event.target as HTMLSelectElement;
    const chosen: OpinionTemplate | Phrase | undefined = this.offered(kind)[Number(select.value)];
    const name = select.value;
    select.value = "";
    if (name === "" || !chosen) return;
    this.told = t("web.texts.filled", { title: chosen.title });
    this.dispatchEvent(new CustomEvent(`telavis-${kind}`, { detail: chosen }));
  }
  private offered(kind: "template" | "phrase"): readonly (OpinionTemplate | Phrase)[] {
    const all = kind === "template" ? this.texts?.templates : this.texts?.phrases;
    return (all ?? []).filter((one) => fits(one, this.speciality));
  }

  private keep(): void {
    void ask({
      title: t("web.texts.keep"),
      body: html`<p>${t("web.texts.keep_about")}</p>
        <label>${t("web.texts.name")}<input name="title" required maxlength="100" autocomplete="off" /></label>`,
      confirm: t("web.texts.keep_do"),
      send: async (form) => {
        const made = templateOf(String(form.get("title")).trim(), this.speciality, this.value);
        if (Object.keys(made.fields).length === 0) throw new ApiError("nothing_to_keep", t("web.texts.nothing"));
        const words = [made.title, ...Object.values(made.fields)].join(" ");
        if (namesPatient(words, this.patient)) throw new ApiError("names_patient", t("web.texts.names_patient"));
        const now = await api.texts(); // another window may have kept one
        this.texts = await api.putTexts({ ...now, templates: [...now.templates, made] });
        this.told = t("web.texts.kept", { title: made.title });
      },
    });
  }

  private select(kind: "template" | "phrase"): TemplateResult | typeof nothing {
    const offered = this.offered(kind);
    if (offered.length === 0) return nothing;
    return html`<label class="inline">${t(kind === "template" ? "web.texts.template" : "web.texts.phrase")}
      <select data-texts=${kind} @change=${(event: Event) => this.choose(kind, event)} @input=${(event: Event) => event.stopPropagation()}>
        <option value="">${t("web.choose")}</option>
        ${offered.map((one, at) => html`<option value=${at}>${one.title}</option>`)}
      </select></label>`;
  }
  protected override render(): unknown {
    return html`<div class="bar texts">
      ${this.select("template")} ${this.select("phrase")}
      <button type="button" class="link" data-action="keep-template" ?disabled=${!this.texts} @click=${() => this.keep()}>${t("web.texts.keep")}</button>
      <a href="#/practice">${t("web.texts.manage")}</a>
      <span class="hint" role="status">${this.told}</span>
      ${this.failure ? html`<span class="problem" role="alert">${this.failure}</span>` : nothing}
    </div>`;
  }
}
