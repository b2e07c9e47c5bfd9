// SPDX-License-Identifier: Apache-2.0
// The exams of a case: tracings drawn, photos, PDFs.
import { html, nothing } from "lit";
import { imageUrl, kApi } from "./api";
import type { EcgExam, Exam, Finding, PhotoExam } from "./api_types";
import { showImage } from "./dialog";
import "./ecg_view";
import { known, language, t } from "./text";

/** undefined: still on its way. */
export type LoadedExam = Exam | { failure: string } | undefined;

export function findings(list: Finding[]): unknown {
  if (list.length === 0) return nothing;
  return html`<details class="findings" ?open=${list.some((finding) => finding.severity !== "info")}>
    <summary>${t("web.findings.title", { count: list.length })}</summary>
    <ul>
      ${list.map(
        (finding) => html`<li data-severity=${finding.severity}>
          <strong>${t(`web.severity.${finding.severity}`)}</strong>
          ${(language() === "fr" ? known(`finding.${finding.code}`) : undefined) ?? html`<span lang="en">${finding.text}</span>`}
        </li>`,
      )}
    </ul>
  </details>`;
}

function ecg(id: string, exam: LoadedExam, n: number): unknown {
  return html`<section class="card" aria-busy=${exam ? "false" : "true"}>
    <div class="title">
      <h2>${t("web.exam.ecg")}</h2>
      <a href="${kApi}/cases/${id}/exams/${n}/original" download>${t("web.exam.original")}</a>
    </div>
    ${!exam ? html`<p>${t("web.loading")}</p>` : nothing}
    ${exam && "failure" in exam ? html`<p class="error" role="alert">${exam.failure}</p>` : nothing}
    ${exam && "kind" in exam
      ? html`<telavis-ecg .exam=${exam as EcgExam}></telavis-ecg> ${findings(exam.findings)}`
      : nothing}
  </section>`;
}

function documents(id: string, exams: readonly LoadedExam[]): unknown {
  return [...exams.entries()].map(([n, exam]) =>
    exam && "kind" in exam && exam.kind === "document"
      ? html`<section class="card">
          <h2>${t("web.exam.document")}</h2>
          <p>${t("web.exam.document_about", { pages: exam.pages })}</p>
          <div class="actions">
            <a class="button" data-document=${n} href="${kApi}/cases/${id}/exams/${n}/document" target="_blank" rel="noopener">
              ${t("web.exam.document_open")}</a>
          </div>
          ${findings(exam.findings)}
        </section>`
      : nothing,
  );
}

function photos(id: string, exams: readonly LoadedExam[]): unknown {
  const all = [...exams.entries()].filter(([, exam]) => exam && "kind" in exam && exam.kind === "photo");
  if (all.length === 0) return nothing;
  return html`<section class="card">
    <h2>${t("web.exam.photos")}</h2>
    <div class="photos">
      ${all.map(([n, exam], index) => {
        const photo = exam as PhotoExam;
        const title = t("web.exam.photo_n", { n: index + 1 });
        return html`<figure>
          <button data-photo=${n} @click=${() => showImage(imageUrl(id, n, "full"), title)}>
            <img src=${imageUrl(id, n, "preview")} alt=${t("web.exam.enlarge", { title })} />
          </button>
          <figcaption>
            ${title}${photo.role === "unstated" ? "" : ` · ${t(`web.role.${photo.role}`)}`} · ${photo.width} × ${photo.height} ·
            <a href="${kApi}/cases/${id}/exams/${n}/original" download>${t("web.exam.original")}</a>
            ${findings(photo.findings)}
          </figcaption>
        </figure>`;
      })}
    </div>
  </section>`;
}

export function examCards(id: string, exams: readonly LoadedExam[]): unknown {
  return html`${exams.map((exam, n) => (exam && "kind" in exam && exam.kind !== "ecg" ? nothing : ecg(id, exam, n)))}
    ${documents(id, exams)} ${photos(id, exams)}`;
}
