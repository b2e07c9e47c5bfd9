// SPDX-License-Identifier: Apache-2.0
// The frame of the pages: session, header, route.
import { html, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { api, kSessionLost, textOf } from "./api";
import type { Me, Role } from "./api_types";
import "./acts_page";
import "./case_list";
import "./case_page";
import "./request_form";
import { ask } from "./dialog";
import type { Outbox } from "./outbox";
import "./outbox_bar";
import { refreshNow } from "./poll";
import { language, Page, setLanguage, t } from "./text";
import "./tray_page";
import { dropOutbox, leaveOutbox, openOutbox } from "./user_outbox";

// Remembers that a session was opened here: asking /me without one would be a needless refusal.
const kHadSession = "telavis.session";

@customElement("telavis-app")
class App extends Page {
  @state() private me?: Me;
  @state() private box?: Outbox;
  @state() private ready = false;
  @state() private expired = false;
  @state() private busy = false;
  @state() private failure = "";
  @state() private route = location.hash;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", () => {
      this.route = location.hash;
      scrollTo(0, 0);
    });
    // What was being typed stays in the page, hidden, until its author has logged in again.
    window.addEventListener(kSessionLost, () => (this.expired = true));
    document.addEventListener("visibilitychange", refreshNow);
    void this.resume();
  }

  private async resume(): Promise<void> {
    if (localStorage.getItem(kHadSession)) {
      try {
        await this.welcome((await api.me()).user);
      } catch (error) {
        localStorage.removeItem(kHadSession);
        if (!this.expired) this.failure = textOf(error);
      }
    }
    this.expired = false;
    this.ready = true;
  }

  private async login(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    [this.busy, this.failure] = [true, ""];
    try {
      await this.welcome((await api.login(String(form.get("login")).trim(), String(form.get("password")))).user);
      this.expired = false;
      localStorage.setItem(kHadSession, "1");
      await this.updateComplete;
      refreshNow();
    } catch (error) {
      this.failure = textOf(error);
    }
    this.busy = false;
  }

  /** What he left here is taken up before his pages show. */
  private async welcome(user: Me): Promise<void> {
    const asks = user.memberships.some(({ role }) => role === "requester");
    if (!asks) leaveOutbox();
    if (this.me?.id !== user.id || !this.box) this.box = asks ? await openOutbox(user.id) : undefined;
    this.me = user;
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
    [this.me, this.box, this.expired, this.failure] = [undefined, undefined, false, ""];
    location.hash = "";
  }

  protected override updated(changed: PropertyValues): void {
    document.title = this.me ? `${t(this.titleId())} – Telavis` : "Telavis";
    // A new page is announced and read from its title.
    if (changed.has("route" as never) && changed.get("route" as never) !== undefined) {
      this.querySelector<HTMLElement>("main h1")?.focus();
    }
  }
  private titleId(): "web.nav.cases" | "web.nav.new" | "web.nav.acts" | "web.nav.tray" | "web.case.title" {
    if (this.route === "#/new") return "web.nav.new";
    if (this.route === "#/acts") return "web.nav.acts";
    if (this.route === "#/tray") return "web.nav.tray";
    return this.route.startsWith("#/cases/") ? "web.case.title" : "web.nav.cases";
  }

  private has(...roles: Role[]): boolean {
    return this.me?.memberships.some((membership) => roles.includes(membership.role)) ?? false;
  }

  protected override render(): unknown {
    if (!this.ready) return nothing;
    const locked = !this.me || this.expired;
    return html`${this.header(locked)} ${locked ? this.loginPage() : nothing}
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
              ${this.has("requester", "expert", "treasurer", "coordinator") ? this.link("#/acts", t("web.nav.acts")) : nothing}
            </nav>
            <div class="who" data-who=${this.me.login}>
              <strong>${this.me.display_name}</strong>
              <span>${roles.map((role) => t(`web.role.${role}`)).join(", ")}</span>
            </div>`}
      <div class="session">
        <button class="link" lang=${other} @click=${() => setLanguage(other)}>
          ${other === "en" ? "English" : "Français"}
        </button>
        ${locked ? nothing : html`<button data-action="logout" @click=${() => void this.leave()}>${t("web.action.logout")}</button>`}
      </div>
    </header>`;
  }

  private link(to: string, text: string): unknown {
    const here = (this.route || "#/") === to;
    return html`<a href=${to} aria-current=${here ? "page" : "false"}>${text}</a>`;
  }

  private loginPage(): unknown {
    return html`<section class="login card">
      <h1>${t("web.login.title")}</h1>
      <p>${this.expired ? t("web.login.expired") : t("web.login.about")}</p>
      <form @submit=${this.login}>
        <label>${t("web.login.login")}
          <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required /></label>
        <label>${t("web.login.password")}
          <input name="password" type="password" autocomplete="current-password" required /></label>
        ${this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing}
        <button class="primary" data-action="login" ?disabled=${this.busy}>${t("web.action.login")}</button>
      </form>
    </section>`;
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
    if (this.route === "#/acts") return html`<telavis-acts .treasurer=${this.has("treasurer")}></telavis-acts>`;
    const staff = !this.has("requester", "expert", "medical_referent", "coordinator", "treasurer");
    return staff
      ? html`<h1>${t("web.nav.cases")}</h1><p class="card">${t("web.list.admin")}</p>`
      : html`<telavis-cases></telavis-cases>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "telavis-app": App;
  }
}
