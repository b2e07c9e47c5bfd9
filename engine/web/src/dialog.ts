// SPDX-License-Identifier: Apache-2.0
import { html, nothing, render } from "lit";
import { textOf } from "./api";
import { t } from "./text";

interface Question {
  title: string;
  body: unknown;
  confirm: string;
  danger?: boolean;
  /** Does what was confirmed. A refusal is shown in the dialog, with what was typed still there. */
  send: (form: FormData) => Promise<void>;
}

/** Asks before something is done; true when it has been done. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = document.body.appendChild(document.createElement("dialog"));
    let done = false;
    let busy = false;
    let failure = "";
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(done);
    });
    dialog.addEventListener("cancel", (event) => {
      if (busy) event.preventDefault();
    });
    const submit = async (event: Event): Promise<void> => {
      event.preventDefault();
      if (busy) return;
      [busy, failure] = [true, ""];
      show();
      try {
        await question.send(new FormData(event.target as HTMLFormElement));
        done = true;
        dialog.close();
      } catch (error) {
        [busy, failure] = [false, textOf(error)];
        show();
      }
    };
    const show = (): unknown =>
      render(
        html`<form @submit=${submit}>
          <h2 id="question">${question.title}</h2>
          ${question.body} ${failure ? html`<p class="error" role="alert">${failure}</p>` : nothing}
          <div class="actions">
            <button type="button" ?disabled=${busy} @click=${() => dialog.close()}>${t("web.action.back")}</button>
            <button class=${question.danger ? "danger" : "primary"} data-action="confirm" ?disabled=${busy}>
              ${question.confirm}
            </button>
          </div>
        </form>`,
        dialog,
      );
    show();
    dialog.setAttribute("aria-labelledby", "question");
    dialog.showModal();
  });
}

/** Dialogs lie over the whole page, and may show a patient: none stays open over the entrance. */
export function closeDialogs(): void {
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
}

/** Text to be copied by hand, marked already. */
export function showText(text: string, title: string, about: string): void {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.setAttribute("aria-labelledby", "text-title");
  dialog.addEventListener("close", () => dialog.remove());
  render(
    html`<h2 id="text-title">${title}</h2>
      <label>${about}<textarea rows="14" readonly .value=${text}></textarea></label>
      <div class="actions"><button class="primary" @click=${() => dialog.close()}>${t("web.action.close")}</button></div>`,
    dialog,
  );
  dialog.showModal();
  dialog.querySelector("textarea")?.select();
}

/** An image alone, as large as the window allows; Escape or the button closes it. */
export function showImage(url: string, title: string): void {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", title);
  dialog.addEventListener("close", () => dialog.remove());
  render(
    html`<button class="primary" @click=${() => dialog.close()}>${t("web.action.close")}</button>
      <div class="scroll"><img src=${url} alt=${title} /></div>`,
    dialog,
  );
  dialog.showModal();
}
