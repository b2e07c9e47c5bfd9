// SPDX-License-Identifier: Apache-2.0
// What waits for a medical referent: urgent opinions that nobody acknowledged, mails and exams that nobody but a
// person can file. Everything that is opened is opened with a typed reason, which is written down.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, newKey, picture, textOf } from "./api";
import type { CaseFigures } from "./api_types";
import { association, keptMailUrl, unreadableExamUrl, type KeptMail, type OpenedMail, type UnreadableExam } from "./association_api";
import { stateChip, timeChip } from "./case_chips";
import { isOpen } from "./case_context";
import { ask } from "./dialog";
import { Poll } from "./poll";
import { dateTime, known, Page, t } from "./text";

const kMinReason = 10;
const kFilings = ["information", "opinion", "again", "nothing"] as const;
const reasonField = (): TemplateResult =>
  html`<label>${t("web.reason_label")}<textarea name="reason" rows="3" required minlength=${kMinReason}></textarea></label>`;
const reasonOf = (form: FormData): string => String(form.get("reason")).trim();

function saveAs(bytes: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

@customElement("telavis-referent")
export class ReferentPage extends Page {
  @state() private cases: CaseFigures[] = [];
  @state() private mails?: KeptMail[];
  @state() private exams?: UnreadableExam[];
  @state() private opened?: OpenedMail;
  @state() private failure = "";
  protected readonly poll = new Poll(this, () => this.refresh());

  private async refresh(): Promise<void> {
    try {
      const [{ cases }, { mails }, { exams }] = await Promise.all([api.cases(), association.keptMails(), association.unreadableExams()]);
      this.cases = cases.filter((one) => one.my_role === "medical_referent" && (isOpen(one) || one.urgent_alert))
        .sort((a, b) => Number(b.urgent_alert) - Number(a.urgent_alert));
      [this.mails, this.exams, this.failure] = [mails, exams, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private openCase(one: CaseFigures): void {
    void ask({
      title: t("web.action.open"), body: html`<p><strong>${one.number}</strong></p><p>${t("web.ask.open")}</p>${reasonField()}`, confirm: t("web.action.open"),
      send: async (form) => {
        await api.command(one.id, "open", { reason: reasonOf(form) }, newKey());
        location.hash = `#/cases/${one.id}`;
      },
    });
  }
  private openMail(mail: KeptMail): void {
    void ask({
      title: t("web.referent.open_mail"), body: html`<p>${t("web.referent.open_about")}</p>${reasonField()}`, confirm: t("web.referent.open_mail"),
      send: async (form) => {
        this.opened = await association.openMail(mail.id, reasonOf(form));
        await this.updateComplete;
        this.querySelector<HTMLElement>("[data-opened] h3")?.focus();
      },
    });
  }
  private download(url: string, name: string): void {
    void ask({
      title: t("web.referent.download"), body: html`<p>${t("web.referent.open_about")}</p>${reasonField()}`, confirm: t("web.referent.download"),
      send: async (form) => saveAs(await picture(url, { reason: reasonOf(form) }), name),
    });
  }
  private file(mail: KeptMail): void {
    void ask({
      title: t("web.referent.file"),
      body: html`<p>${t("web.referent.file_about")}</p>
        <label>${t("web.referent.file_as")}<select name="as" required><option value="">${t("web.choose")}</option>
          ${kFilings.map((code) => html`<option value=${code}>${t(`web.referent.as.${code}`)}</option>`)}</select></label>
        <label>${t("web.referent.case_number")}<input name="case_number" value=${mail.case_number ?? ""} placeholder="TE-2026-…" maxlength="20" autocomplete="off" /></label>
        ${reasonField()}`,
      confirm: t("web.referent.file"),
      send: async (form) => {
        const number = String(form.get("case_number") ?? "").trim();
        await association.fileMail(mail.id, { reason: reasonOf(form), as: String(form.get("as")), ...(number ? { case_number: number } : {}) });
        if (this.opened?.mail.id === mail.id) this.opened = undefined;
        await this.refresh();
      },
    });
  }

  protected override render(): unknown {
    return html`<h1 tabindex="-1">${t("web.nav.referent")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${this.alerts()} ${this.keptMails()} ${this.keptExams()} ${this.openCases()}`;
  }
  private alerts(): TemplateResult {
    const urgent = this.cases.filter((one) => one.urgent_alert);
    return html`<section class="card" data-part="alerts"><h2>${t("web.referent.alerts")} <span class="count">${urgent.length}</span></h2>
      <p class="hint">${t("web.referent.alerts_about")}</p>
      ${urgent.length === 0 ? html`<p>${t("web.referent.no_alert")}</p>` : html`<ul class="cases">${urgent.map((one) => this.row(one))}</ul>`}</section>`;
  }
  private openCases(): TemplateResult {
    const others = this.cases.filter((one) => !one.urgent_alert);
    return html`<section class="card" data-part="cases"><h2>${t("web.referent.cases")} <span class="count">${others.length}</span></h2>
      <p class="hint">${t("web.referent.cases_about")}</p>
      ${others.length === 0 ? html`<p>${t("web.board.empty")}</p>` : html`<ul class="cases">${others.map((one) => this.row(one))}</ul>`}</section>`;
  }
  private row(one: CaseFigures): TemplateResult {
    return html`<li class="case" data-case=${one.id}>
      <span class="number"><a href="#/cases/${one.id}">${one.number}</a></span><span class="programme">${one.programme_name}</span>
      <span class="states">${stateChip(one)}</span><span class="left">${timeChip(one)}</span>
      <span class="people"><span>${t("web.case.requester")} : ${one.requester.display_name}</span>${one.expert ? html`<span>${t("web.case.expert")} : ${one.expert.display_name}</span>` : nothing}</span>
      <span class="exams">${one.actions.includes("open") ? html`<button data-action="open" @click=${() => this.openCase(one)}>${t("web.action.open")}</button>` : nothing}</span>
    </li>`;
  }

  private keptMails(): TemplateResult {
    const mails = this.mails ?? [];
    return html`<section class="card" data-part="mails"><h2>${t("web.referent.mails")} <span class="count">${mails.length}</span></h2>
      <p class="hint">${t("web.referent.mails_about")}</p>
      ${this.mails && mails.length === 0 ? html`<p>${t("web.referent.no_mail")}</p>` : nothing}
      <ul class="kept">${mails.map((mail) => html`<li data-mail=${mail.id}>
        <span><strong>${dateTime(mail.received_at)}</strong> · ${mail.mailbox}${mail.case_number ? html` · ${mail.case_number}` : nothing}
          <small class="block">${this.why(mail)}</small></span>
        <span class="buttons"><button data-action="open-mail" @click=${() => this.openMail(mail)}>${t("web.referent.open_mail")}</button>
          <button data-action="file-mail" @click=${() => this.file(mail)}>${t("web.referent.file")}</button>
          <button data-action="download-mail" @click=${() => this.download(keptMailUrl(mail.id), `${mail.id}.eml`)}>${t("web.referent.download")}</button></span>
        ${this.opened?.mail.id === mail.id ? this.mail(this.opened) : nothing}
      </li>`)}</ul></section>`;
  }
  private why(mail: KeptMail): string {
    return mail.why.split(" ").filter(Boolean).map((code) => known(`web.referent.why.${code}`) ?? code).join(", ")
      || (known(`web.referent.verdict.${mail.verdict}`) ?? mail.verdict);
  }
  private mail({ content }: OpenedMail): TemplateResult {
    return html`<article class="opened" data-opened><h3 tabindex="-1">${content.subject || t("web.referent.no_subject")}</h3>
      <p class="hint">${content.from_label} ${content.from}${content.date ? ` · ${dateTime(content.date)}` : ""}</p>
      <div class="said">${content.text || t("web.referent.no_text")}</div>
      ${content.forwarded_text ? html`<blockquote>${content.forwarded_text}</blockquote>` : nothing}
      ${content.attachments.length > 0
        ? html`<ul class="plain-list">${content.attachments.map((file) => html`<li>${file.name} <small>(${file.media_type}, ${Math.ceil(file.bytes / 1024)} Ko)</small></li>`)}</ul>`
        : nothing}
      <button class="link" @click=${() => (this.opened = undefined)}>${t("web.action.close")}</button></article>`;
  }
  private keptExams(): TemplateResult {
    const exams = this.exams ?? [];
    return html`<section class="card" data-part="exams"><h2>${t("web.referent.exams")} <span class="count">${exams.length}</span></h2>
      <p class="hint">${t("web.referent.exams_about")}</p>
      ${this.exams && exams.length === 0 ? html`<p>${t("web.referent.no_exam")}</p>` : nothing}
      <ul class="kept">${exams.map((exam) => html`<li data-exam=${exam.id}>
        <span><strong>${dateTime(exam.received_at)}</strong> · ${exam.device} <small class="block">${known(`web.referent.why.${exam.why}`) ?? exam.why}, ${Math.ceil(exam.bytes / 1024)} Ko</small></span>
        <span class="buttons"><button data-action="download-exam" @click=${() => this.download(unreadableExamUrl(exam.id), exam.id)}>${t("web.referent.download")}</button></span>
      </li>`)}</ul></section>`;
  }
}
