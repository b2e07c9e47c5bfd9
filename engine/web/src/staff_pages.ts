// SPDX-License-Identifier: Apache-2.0
// The pages of an association's staff: they travel to the browser when one of them is opened.
import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { textOf } from "./api";
import type { Me, Role } from "./api_types";
import { Page, type MessageId } from "./text";
import { loadPart } from "./viewers";

/** A page that is shown once its part is there. */
@customElement("telavis-part")
export class Part extends Page {
  @property({ attribute: false }) load?: () => Promise<unknown>;
  @property({ attribute: false }) page: unknown;
  @state() private ready = false;
  @state() private failure = "";

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.load) void loadPart(this.load).then(() => (this.ready = true), (error: unknown) => (this.failure = textOf(error)));
  }
  protected override render(): unknown {
    if (this.failure) return html`<p class="error" role="alert">${this.failure}</p>`;
    return this.ready ? this.page : nothing;
  }
}

interface StaffPage {
  route: string;
  title: MessageId;
  roles: Role[];
  load: () => Promise<unknown>;
  page: (me: Me) => TemplateResult;
}
const programmesOf = (me: Me, ...roles: Role[]): Map<string, string> =>
  new Map(me.memberships.filter(({ role }) => roles.includes(role)).map((one) => [one.programme, one.programme_name]));
const isAdmin = (me: Me): boolean => me.memberships.some(({ role }) => role === "admin");

export const kStaffPages: StaffPage[] = [
  {
    route: "#/board", title: "web.nav.board", roles: ["coordinator"], load: () => import("./board_page"),
    page: () => html`<telavis-board></telavis-board>`,
  },
  {
    route: "#/referent", title: "web.nav.referent", roles: ["medical_referent"], load: () => import("./referent_page"),
    page: () => html`<telavis-referent></telavis-referent>`,
  },
  {
    route: "#/people", title: "web.nav.people", roles: ["coordinator", "admin"], load: () => import("./people_page"),
    page: () => html`<telavis-people></telavis-people>`,
  },
  {
    route: "#/devices", title: "web.nav.devices", roles: ["coordinator", "admin"], load: () => import("./devices_page"),
    page: () => html`<telavis-devices></telavis-devices>`,
  },
  {
    route: "#/programmes", title: "web.nav.programmes", roles: ["coordinator", "admin"], load: () => import("./programme_page"),
    page: (me) => html`<telavis-programme ?admin=${isAdmin(me)}></telavis-programme>`,
  },
  {
    route: "#/figures", title: "web.nav.figures", roles: ["coordinator", "treasurer", "admin"], load: () => import("./figures_page"),
    page: (me) => html`<telavis-figures .programmes=${programmesOf(me, "coordinator", "treasurer")}></telavis-figures>`,
  },
];
export const staffPage = (route: string): StaffPage | undefined => kStaffPages.find((page) => page.route === route);
export const staffPart = ({ route, load, page }: StaffPage, me: Me): unknown =>
  keyed(route, html`<telavis-part .load=${load} .page=${page(me)}></telavis-part>`);
