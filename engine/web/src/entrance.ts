// SPDX-License-Identifier: Apache-2.0
// Everything before the inbox: password, second factor, lock, and the ways back in.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { api, textOf } from "./api";
import type { MeAnswer } from "./api_types";
import "./enrolment";
import { Page, t, type MessageId } from "./text";

/** What somebody has lost, on the way back in; `asked`: his code is on its way. */
type Lost = { what: "password" | "second_factor"; login: string; asked: boolean };

@customElement("telavis-entrance")
export class Entrance extends Page {
  /** A session of which something is still missing. */
  @property({ attribute: false }) pending?: MeAnswer;
  @property({ type: Boolean }) expired = false;
  @state() private lost?: Lost;
  @state() private done?: MessageId;
  @state() private busy = false;
  @state() private failure = "";

  protected override updated(changed: PropertyValues): void {
    // What is asked for next is where one types.
    if (changed.has("pending") || changed.has("lost" as never)) {
      this.querySelector<HTMLElement>("form [autofocus]")?.focus();
    }
  }
  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("pending")) this.failure = "";
  }

  private readonly send = async (event: Event, act: (text: (name: string) => string) => Promise<void>): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    [this.busy, this.failure] = [true, ""];
    try {
      await act((name) => String(data.get(name) ?? ""));
    } catch (error) {
      this.failure = textOf(error);
      // A code is typed anew, a password perhaps mended.
      const code = form.querySelector<HTMLInputElement>("input[name=code]");
      if (code) code.value = "";
      await this.updateComplete;
      (code ?? form.querySelector<HTMLInputElement>("input[type=password]"))?.focus();
    }
    this.busy = false;
  };
  private entered(answer: MeAnswer): void {
    [this.lost, this.done, this.failure] = [undefined, undefined, ""];
    this.dispatchEvent(new CustomEvent("entered", { detail: answer }));
  }

  protected override render(): unknown {
    switch (this.pending?.session.stage) {
      case "second_factor":
        return this.card("web.factor.title", t("web.factor.about"), this.codeForm());
      case "enrolment":
        return html`<section class="login card wide">
          <telavis-enrolment .forced=${true} @entered=${(event: CustomEvent<MeAnswer>) => this.entered(event.detail)}></telavis-enrolment>
        </section>`;
      case "locked":
        return this.card("web.lock.title", t("web.lock.about"), this.lockForm());
      default:
        return this.lost ? this.recovery(this.lost) : this.card("web.login.title", t(this.expired ? "web.login.expired" : "web.login.about"), this.loginForm());
    }
  }

  private card(title: MessageId, about: string, form: unknown): TemplateResult {
    return html`<section class="login card">
      <h1>${t(title)}</h1>
      <p>${about}</p>
      ${this.done ? html`<p class="notice" role="status">${t(this.done)}</p>` : nothing}
      ${form}
    </section>`;
  }
  private problem(): unknown {
    return this.failure ? html`<p class="error" role="alert">${this.failure}</p>` : nothing;
  }
  private password(label: MessageId, name = "password", autocomplete = "current-password"): unknown {
    return html`<label>${t(label)}
      <input name=${name} type="password" autocomplete=${autocomplete} required /></label>`;
  }

  private loginForm(): unknown {
    const submit = (event: Event): Promise<void> =>
      this.send(event, async (text) => this.entered(await api.login(text("login").trim(), text("password"))));
    return html`<form @submit=${submit}>
      <label>${t("web.login.login")}
        <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required /></label>
      ${this.password("web.login.password")} ${this.problem()}
      <button class="primary" data-action="login" ?disabled=${this.busy}>${t("web.action.login")}</button>
      <p class="below"><button type="button" class="link" data-action="lost"
        @click=${() => this.look({ what: "password", login: "", asked: false })}>${t("web.recovery.open")}</button></p>
    </form>`;
  }
  private look(lost?: Lost): void {
    [this.lost, this.failure, this.done] = [lost, "", undefined];
  }

  private codeForm(): unknown {
    const submit = (event: Event): Promise<void> =>
      this.send(event, async (text) => this.entered(await api.secondFactor(text("code"))));
    return html`<form @submit=${submit}>
      <label>${t("web.factor.code")}
        <input name="code" class="code" inputmode="text" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="30" required autofocus /></label>
      <p class="hint">${t("web.factor.recovery")}</p>
      ${this.problem()}
      <button class="primary" data-action="second-factor" ?disabled=${this.busy}>${t("web.factor.give")}</button>
    </form>`;
  }

  private lockForm(): unknown {
    const submit = (event: Event): Promise<void> =>
      this.send(event, async (text) => this.entered(await api.unlock(text("password"))));
    const { login, display_name } = this.pending!.user;
    return html`<form @submit=${submit}>
      <p><strong>${display_name}</strong></p>
      <input name="login" autocomplete="username" value=${login} hidden />
      <label>${t("web.login.password")}
        <input name="password" type="password" autocomplete="current-password" required autofocus /></label>
      ${this.problem()}
      <button class="primary" data-action="unlock" ?disabled=${this.busy}>${t("web.lock.open")}</button>
    </form>`;
  }

  // ---- the ways back in

  private recovery(lost: Lost): TemplateResult {
    const about = lost.asked ? t("web.recovery.asked") : t("web.recovery.about");
    return html`<section class="login card">
      <h1>${t("web.recovery.title")}</h1>
      <p>${about}</p>
      ${lost.asked ? this.useForm(lost) : this.askForm(lost)}
      <p class="below"><button type="button" class="link" data-action="back" @click=${() => this.look()}>${t("web.recovery.back")}</button></p>
    </section>`;
  }
  private askForm(lost: Lost): unknown {
    const submit = (event: Event): Promise<void> =>
      this.send(event, async (text) => {
        const login = text("login").trim();
        const what = text("what") === "second_factor" ? "second_factor" : "password";
        await api.askForCode(login);
        this.look({ what, login, asked: true });
      });
    const choice = (what: Lost["what"], label: MessageId): unknown => html`<label class="option">
      <input type="radio" name="what" value=${what} ?checked=${lost.what === what} />${t(label)}</label>`;
    return html`<form @submit=${submit}>
      <fieldset><legend>${t("web.recovery.what")}</legend>
        ${choice("password", "web.recovery.password")} ${choice("second_factor", "web.recovery.second_factor")}</fieldset>
      <label>${t("web.login.login")}
        <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" value=${lost.login} required autofocus /></label>
      ${this.problem()}
      <button class="primary" data-action="ask-code" ?disabled=${this.busy}>${t("web.recovery.ask")}</button>
    </form>`;
  }
  private useForm({ what, login }: Lost): unknown {
    const submit = (event: Event): Promise<void> =>
      this.send(event, async (text) => {
        if (what === "password") {
          await api.recoverPassword({
            login, code: text("code"), second_factor: text("second_factor"), password: text("password"),
          });
        } else {
          await api.recoverFactor({ login, code: text("code"), password: text("password") });
        }
        this.look();
        this.done = what === "password" ? "web.recovery.password_done" : "web.recovery.factor_done";
      });
    return html`<form @submit=${submit}>
      <label>${t("web.recovery.code")}
        <input name="code" class="code" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="30" required autofocus /></label>
      ${what === "password"
        ? html`<label>${t("web.factor.code")}
              <input name="second_factor" class="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="30" required /></label>
            <label>${t("web.recovery.new_password")}
              <input name="password" type="password" autocomplete="new-password" minlength="12" required aria-describedby="password-rule" /></label>
            <p class="hint" id="password-rule">${t("web.recovery.password_rule")}</p>`
        : this.password("web.login.password")}
      ${this.problem()}
      <button class="primary" data-action="recover" ?disabled=${this.busy}>${t("web.recovery.use")}</button>
    </form>`;
  }
}
