// SPDX-License-Identifier: Apache-2.0
// What the doctor's devices have sent and no question has taken yet, and the devices themselves.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { api, kApi, textOf, trayImageUrl } from "./api";
import type { OwnDevice, TrayExam } from "./api_types";
import { ask, showImage } from "./dialog";
import { Poll } from "./poll";
import { civilDate, dateTime, known, Page, t, writtenInstant } from "./text";

@customElement("telavis-tray-page")
export class TrayPage extends Page {
  @state() private exams?: TrayExam[];
  @state() private devices: OwnDevice[] = [];
  @state() private failure = "";
  protected readonly poll = new Poll(this, () => this.refresh());

  private async refresh(): Promise<void> {
    try {
      const [{ exams }, { devices }] = await Promise.all([api.tray(), api.devices()]);
      [this.exams, this.devices, this.failure] = [exams, devices, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    return html`<h1 tabindex="-1">${t("web.tray.heading")}</h1>
      <p class="hint">${t("web.tray.about")}</p>
      ${this.failure ? html`<p class="error" role="alert">${this.failure} ${t("web.list.retry")}</p>` : nothing}
      ${this.exams?.length === 0 ? html`<p class="card empty">${t("web.tray.empty")}</p>` : nothing}
      <ul class="cases">${this.exams?.map((exam) => html`<li class="card received" data-exam=${exam.id}>${this.exam(exam)}</li>`)}</ul>
      <section>
        <h2>${t("web.devices.title")}</h2>
        ${this.devices.length === 0
          ? html`<p class="hint">${t("web.devices.none")}</p>`
          : html`<ul class="cases">${this.devices.map((device) => html`<li class="card" data-device=${device.id}>${deviceLines(device)}</li>`)}</ul>`}
      </section>`;
  }

  private exam(exam: TrayExam): TemplateResult {
    const { patient } = exam;
    const name = [patient.family_name, patient.given_name].filter(Boolean).join(" ") || t("web.tray.nobody");
    const title = `${t(`web.tray.${exam.kind}`)} – ${name}`;
    const recorded = exam.recorded_at ? t("web.tray.recorded", { at: writtenInstant(exam.recorded_at) }) : t("web.tray.undated");
    const device = this.devices.find((one) => one.id === exam.device)?.model ?? exam.device;
    return html`<div class="title">
        <h2>${title}</h2>
        ${patient.birth_date ? html`<span>${t("web.tray.born", { date: civilDate(patient.birth_date) })}</span>` : nothing}
      </div>
      <p>${exam.detail}, ${recorded}<br />
        <span class="hint">${t("web.tray.received", { at: dateTime(exam.received_at), device })}
          · ${t("web.tray.kept", { at: dateTime(exam.kept_until) })}</span></p>
      ${exam.findings.length > 0
        ? html`<p class="hint">${exam.findings.map((code) => known(`finding.${code}`) ?? code).join(" ")}</p>`
        : nothing}
      <div class="actions">
        ${exam.kind === "document"
          ? html`<a class="button" href="${kApi}/tray/${exam.id}/document" target="_blank" rel="noopener">${t("web.exam.document_open")}</a>`
          : html`<button data-action="look" @click=${() => showImage(trayImageUrl(exam.id), title)}>${t("web.tray.look")}</button>`}
        <a class="button" href="${kApi}/tray/${exam.id}/original" download>${t("web.exam.original")}</a>
        <button class="danger" data-action="discard" @click=${() => this.discard(exam, title)}>${t("web.tray.discard")}</button>
      </div>`;
  }
  private discard(exam: TrayExam, title: string): void {
    void ask({
      title: t("web.tray.discard"),
      body: html`<p><strong>${title}</strong></p><p>${t("web.tray.discard_about")}</p>`,
      confirm: t("web.tray.discard"),
      danger: true,
      send: async () => {
        await api.discard(exam.id);
        await this.refresh();
      },
    });
  }
}

function deviceLines(device: OwnDevice): TemplateResult {
  return html`<div class="title">
      <h3>${device.model || device.id}</h3>
      ${device.suspended ? html`<span class="chip" data-waits>${t("web.devices.suspended")}</span>` : nothing}
    </div>
    <p>${t("web.devices.serial", { serial: device.serial })}${device.owner ? `, ${t("web.devices.owner", { owner: device.owner })}` : ""}<br />
      <span class="hint">${device.lent_on ? t("web.devices.lent", { date: civilDate(device.lent_on) }) : nothing}
        ${device.due_back_on ? t("web.devices.due", { date: civilDate(device.due_back_on) }) : nothing}</span></p>
    ${device.consumables ? html`<p class="hint">${device.consumables}</p>` : nothing}`;
}
