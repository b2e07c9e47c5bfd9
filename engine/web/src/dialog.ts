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
