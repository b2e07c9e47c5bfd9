// SPDX-License-Identifier: Apache-2.0
// The frame of the pages: session, header, route.
import { html, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { api, ApiError, kSessionLost, textOf } from "./api";
import type { Me, MeAnswer, OwnSession, Role } from "./api_types";
import "./account_page";
import "./acts_page";
import "./case_list";
import "./case_page";
import { ask, closeDialogs } from "./dialog";
import "./entrance";
import { touched, watchIdle } from "./idle";
import type { Outbox } from "./outbox";
import "./outbox_bar";
import { refreshNow } from "./poll";
import "./notebook_page";
import "./practice_page";
import "./request_form";
import { kStaffPages, staffPage, staffPart } from "./staff_pages";
import { language, Page, setLanguage, t, type MessageId } from "./text";
import "./tray_page";
import { dropOutbox, leaveOutbox, openOutbox } from "./user_outbox";

// Remembers that a session was opened here: asking /me without one would be a needless refusal.
const kHadSession = "telavis.session";

@customElement("telavis-app")
class App extends Page {
  /** Who came in last; his page stays, hidden, while a session of his is missing something. */
  @state() private me?: Me;
  @state() private box?: Outbox;
  @state() private session?: OwnSession;
  @state() private pending?: MeAnswer;
  @state() private ready = false;
  @state() private expired = false;
  @state() private failure = "";
  @state() private route = location.hash;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", () => {
      this.route = location.hash;
      scrollTo(0, 0);
    });
    // What was being typed stays in the page, hidden, until its author has logged in again.
    window.addEventListener(kSessionLost, (event) => {
      if ((event as CustomEvent<string>).detail !== "login_required") return void this.look();
      [this.pending, this.expired] = [undefined, this.me !== undefined];
    });
    watchIdle(
      () => {
        if (this.pending) return this.pending.session.stage === "locked" ? "locked" : "off";
        return this.session && !this.expired ? this.session.idle_lock_seconds : "off";
      },
      () => this.lock(),
      () => void this.look(),
    );
    document.addEventListener("visibilitychange", refreshNow);
    void this.resume();
  }

  private async resume(): Promise<void> {
    if (localStorage.getItem(kHadSession)) {
      try {
        await this.enter(await api.me());
      } catch (error) {
        localStorage.removeItem(kHadSession);
        const ended = error instanceof ApiError && error.code === "login_required";
        if (!ended) this.failure = textOf(error);
      }
    }
    this.ready = true;
  }
  private async enter(answer: MeAnswer): Promise<void> {
    localStorage.setItem(kHadSession, "1");
    this.failure = "";
    if (answer.session.stage !== "open") {
      this.pending = answer;
      return;
    }
    touched();
    await this.takeUp(answer.user);
    [this.me, this.session, this.pending, this.expired] = [answer.user, answer.session, undefined, false];
    void this.updateComplete.then(refreshNow);
  }
  /** What he left here is taken up before his pages show. */
  private async takeUp(user: Me): Promise<void> {
    const asks = user.memberships.some(({ role }) => role === "requester");
    if (!asks) leaveOutbox();
    if (this.me?.id !== user.id || !this.box) this.box = asks ? await openOutbox(user.id) : undefined;
  }
  /** Asks the engine what this session may do. */
  private async look(): Promise<void> {
    try {
      await this.enter(await api.me());
    } catch {
      // It has ended: the event has said so. Or the engine does not answer: what is locked stays so.
    }
  }
  private lock(): void {
    if (!this.me || !this.session || this.pending) return;
    this.pending = { user: this.me, session: { ...this.session, stage: "locked" } };
    void this.look(); // tells the engine for how long nobody has been there
  }

  /** Logging out takes everything off this device: whoever has something unsent is asked. */
  private async leave(): Promise<void> {
    const unsent = (await this.box?.unsent()) ?? { questions: 0, drafts: 0 };
    if (unsent.questions === 0 && unsent.drafts === 0) return this.logout();
    await ask({
      title: t("web.logout.title"),
      body: html`<p>${t(unsent.questions > 0 ? "web.logout.questions" : "web.logout.draft")}</p>`,
      confirm: t("web.logout.confirm"),
      danger: true,
      send: () => this.logout(),
    });
  }
  private async logout(): Promise<void> {
    try {
      await api.logout();
    } catch (error) {
      if (!this.expired) {
        this.failure = textOf(error);
        return;
      }
    }
    await dropOutbox();
    localStorage.removeItem(kHadSession);
    [this.me, this.box, this.session, this.pending, this.expired, this.failure] = [undefined, undefined, undefined, undefined, false, ""];
    location.hash = "";
  }

  protected override updated(changed: PropertyValues): void {
    if (this.locked()) closeDialogs();
    document.title = this.me && !this.pending ? `${t(this.titleId())} – Telavis` : "Telavis";
    // A new page is announced and read from its title.
    if (changed.has("route" as never) && changed.get("route" as never) !== undefined) {
      this.querySelector<HTMLElement>("main h1")?.focus();
    }
  }
  private titleId(): MessageId {
    if (this.route === "#/account") return "web.account.title";
    if (this.route === "#/new") return "web.nav.new";
    if (this.route === "#/acts") return "web.nav.acts";
    const staff = staffPage(this.route);
    if (staff && this.has(...staff.roles)) return staff.title;
    if (this.route === "#/tray") return "web.nav.tray";
    if (this.route === "#/practice") return "web.nav.practice";
    if (this.route === "#/notebook") return "web.nav.notebook";
    return this.route.startsWith("#/cases/") ? "web.case.title" : "web.nav.cases";
  }

  private locked(): boolean {
    return !this.me || this.expired || this.pending !== undefined;
  }
  private has(...roles: Role[]): boolean {
    return this.me?.memberships.some((membership) => roles.includes(membership.role)) ?? false;
  }

  protected override render(): unknown {
    if (!this.ready) return nothing;
    const locked = this.locked();
    return html`${this.header(locked)} ${locked ? this.entrance() : nothing}
      ${this.me ? html`<main ?hidden=${locked}><telavis-outbox .box=${this.box}></telavis-outbox>${keyed(this.me.id, this.page())}</main>` : nothing}`;
  }

  private header(locked: boolean): unknown {
    const other = language() === "fr" ? "en" : "fr";
    const roles = [...new Set(this.me?.memberships.map((membership) => membership.role))];
    return html`<header>
      <a class="brand" href="#/"><img src="/favicon.svg" alt="" width="28" height="28" />Telavis</a>
      ${locked || !this.me
        ? nothing
        : html`<nav aria-label=${t("web.nav.label")}>
              ${this.link("#/", t("web.nav.cases"))}
              ${this.has("requester") ? this.link("#/new", t("web.nav.new")) : nothing}
              ${this.has("requester") ? this.link("#/tray", t("web.nav.tray")) : nothing}
              ${this.has("requester") ? this.link("#/notebook", t("web.nav.notebook")) : nothing}
              ${this.has("expert") ? this.link("#/practice", t("web.nav.practice")) : nothing}
              ${kStaffPages.map((page) => (this.has(...page.roles) ? this.link(page.route, t(page.title)) : nothing))}
              ${this.seesActs() ? this.link("#/acts", t("web.nav.acts")) : nothing}
            </nav>
            <div class="who" data-who=${this.me.login}>
              <a href="#/account" aria-label=${t("web.account.open", { name: this.me.display_name })}>${this.me.display_name}</a>
              <span>${roles.map((role) => t(`web.role.${role}`)).join(", ")}</span>
            </div>`}
      <div class="session">
        <button class="link" lang=${other} @click=${() => setLanguage(other)}>
          ${other === "en" ? "English" : "Français"}
        </button>
        ${locked && !this.pending ? nothing : html`<button data-action="logout" @click=${() => void this.leave()}>${t("web.action.logout")}</button>`}
      </div>
    </header>`;
  }

  private seesActs(): boolean {
    return this.has("requester", "expert", "treasurer", "coordinator");
  }
  private link(to: string, text: string): unknown {
    const here = (this.route || "#/") === to;
    return html`<a href=${to} aria-current=${here ? "page" : "false"}>${text}</a>`;
  }

  private entrance(): unknown {
    return html`${this.failure ? html`<p class="login error" role="alert">${this.failure}</p>` : nothing}
      <telavis-entrance .pending=${this.pending} .expired=${this.expired}
        @entered=${(event: CustomEvent<MeAnswer>) => void this.enter(event.detail)}></telavis-entrance>`;
  }

  private page(): unknown {
    const completed = /^#\/cases\/([\w-]+)\/complete$/.exec(this.route)?.[1];
    if (completed && this.has("requester")) {
      return keyed(completed, html`<telavis-request .me=${this.me} .box=${this.box} .caseId=${completed}></telavis-request>`);
    }
    const opened = /^#\/cases\/([\w-]+)$/.exec(this.route)?.[1];
    if (opened) return keyed(opened, html`<telavis-case .caseId=${opened} reader=${this.me?.display_name ?? ""}></telavis-case>`);
    if (this.route === "#/new" && this.has("requester")) return html`<telavis-request .me=${this.me} .box=${this.box}></telavis-request>`;
    if (this.route === "#/tray" && this.has("requester")) return html`<telavis-tray-page></telavis-tray-page>`;
    if (this.route === "#/practice" && this.has("expert")) return html`<telavis-practice></telavis-practice>`;
    if (this.route === "#/notebook" && this.has("requester")) return html`<telavis-notebook></telavis-notebook>`;
    if (this.route === "#/account") return html`<telavis-account .session=${this.session}></telavis-account>`;
    if (this.route === "#/acts" && this.seesActs()) return html`<telavis-acts .treasurer=${this.has("treasurer")}></telavis-acts>`;
    const page = staffPage(this.route);
    if (page && this.me && this.has(...page.roles)) return staffPart(page, this.me);
    const staff = !this.has("requester", "expert", "medical_referent", "coordinator", "treasurer");
    return staff
      ? html`<h1>${t("web.nav.cases")}</h1><p class="card">${t("web.list.admin")}</p>`
      : html`<telavis-cases .reads=${this.has("requester", "expert", "medical_referent")}></telavis-cases>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "telavis-app": App;
  }
}
