// SPDX-License-Identifier: Apache-2.0
// Devices that the association lends: who has which, since when, until when.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { now, textOf } from "./api";
import { association, type DeviceOnFile, type PersonOnFile } from "./association_api";
import { ask, showText } from "./dialog";
import { civilDate, dateTime, Page, t, type MessageId } from "./text";
import { isoDay } from "./time_left";

@customElement("telavis-devices")
export class DevicesPage extends Page {
  @state() private devices?: DeviceOnFile[];
  @state() private people: PersonOnFile[] = [];
  @state() private failure = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }
  private async refresh(): Promise<void> {
    try {
      if (this.people.length === 0) this.people = (await association.people()).people;
      [this.devices, this.failure] = [(await association.devices()).devices, ""];
    } catch (error) {
      this.failure = textOf(error);
    }
  }
  private nameOf(id: string): string {
    const person = this.people.find((one) => one.person.id === id)?.person;
    return person ? [person.title, person.given_name, person.family_name].filter(Boolean).join(" ") : id;
  }

  private lend({ device, version }: DeviceOnFile): void {
    const holders = this.people.filter(({ person }) => person.status === "active"
      && person.memberships.some(({ programme, role }) => programme === device.programme && role === "requester"));
    void ask({
      title: t("web.devices.lend"),
      body: html`<p><strong>${device.model || device.serial}</strong></p>
        <label>${t("web.devices.holder")}<select name="holder" required><option value="">${t("web.choose")}</option>
          ${holders.map(({ person }) => html`<option value=${person.id}>${this.nameOf(person.id)}</option>`)}</select></label>
        <label>${t("web.devices.due_back")}<input type="date" name="due" min=${isoDay(new Date(now()))} /></label>`,
      confirm: t("web.devices.lend"),
      send: async (form) => {
        const due = String(form.get("due") ?? "");
        await association.lend(device.id, { version, holder: String(form.get("holder")), ...(due ? { due_back_on: due } : {}) });
        await this.refresh();
      },
    });
  }
  private takeBack({ device, version }: DeviceOnFile): void {
    void ask({
      title: t("web.devices.return"),
      body: html`<p><strong>${device.model || device.serial}</strong>, ${this.nameOf(device.holder ?? "")}</p>
        <label>${t("web.devices.consumables")}<textarea name="consumables" rows="3">${device.consumables ?? ""}</textarea></label>`,
      confirm: t("web.devices.return"),
      send: async (form) => {
        await association.takeBack(device.id, { version, consumables: String(form.get("consumables") ?? "").trim() });
        await this.refresh();
      },
    });
  }
  private async pair({ device }: DeviceOnFile): Promise<void> {
    try {
      const { code, expires_at } = await association.pair(device.id);
      showText(code, t("web.devices.pair"), t("web.devices.pair_about", { at: dateTime(expires_at) }));
    } catch (error) {
      this.failure = textOf(error);
    }
  }

  protected override render(): unknown {
    return html`<h1 tabindex="-1">${t("web.nav.devices")}</h1>
      ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
      ${this.devices && this.devices.length === 0 ? html`<p class="card empty">${t("web.devices.empty")}</p>` : nothing}
      ${this.devices && this.devices.length > 0 ? this.table(this.devices) : nothing}`;
  }
  private table(devices: readonly DeviceOnFile[]): TemplateResult {
    const columns: MessageId[] = ["web.devices.device", "web.devices.holder", "web.devices.since", "web.devices.due_back", "web.devices.consumables", "web.people.action"];
    const label = (n: number): string => t(columns[n]!);
    const today = isoDay(new Date(now()));
    return html`<section class="card"><table>
      <thead><tr>${columns.map((id) => html`<th scope="col">${t(id)}</th>`)}</tr></thead>
      <tbody>${devices.map((one) => {
        const { device } = one;
        const lent = Boolean(device.holder) && !device.returned_on;
        const late = lent && Boolean(device.due_back_on) && device.due_back_on! < today;
        return html`<tr data-device=${device.id}>
          <td data-label=${label(0)}><span>${device.model || device.id} <small>${device.serial}</small>${device.suspended ? html` <span class="chip" data-waits>${t("web.devices.suspended")}</span>` : nothing}</span></td>
          <td data-label=${label(1)}>${lent ? this.nameOf(device.holder!) : t("web.devices.here")}</td>
          <td data-label=${label(2)}>${lent && device.lent_on ? civilDate(device.lent_on) : "–"}</td>
          <td data-label=${label(3)}><span class=${late ? "alarm" : ""}>${lent && device.due_back_on ? civilDate(device.due_back_on) : "–"}${late ? ` (${t("web.devices.late")})` : ""}</span></td>
          <td data-label=${label(4)}>${device.consumables || "–"}</td>
          <td data-label=${label(5)}><span class="buttons">
            ${lent
              ? html`<button data-action="return" @click=${() => this.takeBack(one)}>${t("web.devices.return")}</button>
                  <button data-action="pair" @click=${() => void this.pair(one)}>${t("web.devices.pair")}</button>`
              : html`<button data-action="lend" @click=${() => this.lend(one)}>${t("web.devices.lend")}</button>`}</span></td>
        </tr>`;
      })}</tbody></table></section>`;
  }
}
