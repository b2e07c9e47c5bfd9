// SPDX-License-Identifier: Apache-2.0
// The expert's templates and phrases: new ones, changed ones, away with them.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import { ask } from "./dialog";
import { kTemplateTexts, type OpinionTemplate, type OwnTexts, type Phrase } from "./personal_texts";
import { known, Page, t } from "./text";

const kSpecialities = ["", "cardiology", "dermatology"] as const;
const kRows = 4;

@customElement("telavis-texts")
export class TextsEditor extends Page {
  @state() private texts?: OwnTexts;
  @state() private failure = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }
  private async load(): Promise<void> {
    try {
      [this.texts, this.failure] = [await api.texts(), ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private async put(texts: OwnTexts): Promise<void> {
    this.texts = await api.putTexts(texts);
  }

  private specialityField(chosen: string): TemplateResult {
    return html`<label>${t("web.texts.speciality")}<select name="speciality">
      ${kSpecialities.map((one) => html`<option value=${one} ?selected=${one === chosen}>${t(one ? `web.speciality.${one}` : "web.texts.any")}</option>`)}
    </select></label>`;
  }
  private titleField(title: string): TemplateResult {
    return html`<label>${t("web.texts.name")}<input name="title" required maxlength="100" autocomplete="off" value=${title} /></label>`;
  }
  private editPhrase(at: number): void {
    const phrase: Phrase = this.texts?.phrases[at] ?? { title: "", speciality: "", text: "" };
    void ask({
      title: t("web.texts.phrase"),
      body: html`<p class="hint">${t("web.texts.nobody")}</p>${this.titleField(phrase.title)} ${this.specialityField(phrase.speciality)}
        <label>${t("web.texts.text")}<textarea name="text" rows=${kRows} required maxlength="2000">${phrase.text}</textarea></label>`,
      confirm: t("web.action.save"),
      send: async (form) => {
        const made: Phrase = { title: said(form, "title"), speciality: said(form, "speciality"), text: said(form, "text") };
        await this.put({ ...this.texts!, phrases: replaced(this.texts!.phrases, at, made) });
      },
    });
  }
  private editTemplate(at: number): void {
    const one: OpinionTemplate = this.texts?.templates[at] ?? { title: "", speciality: "", fields: {} };
    void ask({
      title: t("web.texts.template"),
      body: html`<p class="hint">${t("web.texts.nobody")}</p>${this.titleField(one.title)} ${this.specialityField(one.speciality)}
        ${kTemplateTexts.map((name) => html`<label>${known(`web.opinion.${name === "to_redo" ? "redo" : name}`) ?? name}
          <textarea name=${name} rows="2" maxlength="2000">${one.fields[name] ?? ""}</textarea></label>`)}`,
      confirm: t("web.action.save"),
      send: async (form) => {
        const texts = kTemplateTexts.map((name) => [name, said(form, name)] as const);
        const kept = { ...one.fields, ...Object.fromEntries(texts) };
        const fields = Object.fromEntries(Object.entries(kept).filter(([, text]) => text !== ""));
        const made: OpinionTemplate = { title: said(form, "title"), speciality: said(form, "speciality"), fields };
        await this.put({ ...this.texts!, templates: replaced(this.texts!.templates, at, made) });
      },
    });
  }
  private discard(kind: "templates" | "phrases", at: number): void {
    const { title } = this.texts![kind][at]!;
    void ask({
      title: t("web.texts.remove"),
      body: html`<p><strong>${title}</strong></p>`,
      confirm: t("web.texts.remove"),
      danger: true,
      send: async () => this.put({ ...this.texts!, [kind]: (this.texts![kind] as unknown[]).filter((_, n) => n !== at) }),
    });
  }

  private list(kind: "templates" | "phrases", edit: (at: number) => void): TemplateResult {
    const all = this.texts?.[kind] ?? [];
    return html`<h3>${t(`web.texts.${kind}`)}</h3>
      ${all.length === 0 ? html`<p class="hint">${t("web.texts.none")}</p>` : nothing}
      <ul class="sessions">${all.map((one, at) => html`<li data-text=${one.title}>
        <div><strong>${one.title}</strong> ${one.speciality ? html`<span class="chip">${known(`web.speciality.${one.speciality}`) ?? one.speciality}</span>` : nothing}
          <span class="hint block clip">${"text" in one ? one.text : one.fields["conclusion"] ?? ""}</span></div>
        <div class="inline"><button aria-label=${t("web.texts.change_it", { title: one.title })} @click=${() => edit(at)}>${t("web.texts.change")}</button>
          <button class="danger" aria-label=${t("web.texts.remove_it", { title: one.title })} @click=${() => this.discard(kind, at)}>${t("web.texts.remove")}</button></div>
      </li>`)}</ul>
      <div class="actions"><button data-action="new-${kind}" @click=${() => edit(all.length)}>${t(kind === "templates" ? "web.texts.new_template" : "web.texts.new_phrase")}</button></div>`;
  }
  protected override render(): unknown {
    return html`<section class="card" data-own-texts>
      <h2>${t("web.texts.title")}</h2>
      <p class="hint">${t("web.texts.about")}</p>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${this.texts ? html`${this.list("templates", (at) => this.editTemplate(at))} ${this.list("phrases", (at) => this.editPhrase(at))}` : nothing}
    </section>`;
  }
}

const said = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();
const replaced = <T>(all: readonly T[], at: number, one: T): T[] => [...all.slice(0, at), one, ...all.slice(at + 1)];
