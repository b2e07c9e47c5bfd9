// SPDX-License-Identifier: Apache-2.0
// The exams of a case: tracings, photos, PDFs, each in its viewer.
import { html, nothing } from "lit";
import { kApi } from "./api";
import type { EcgExam, Exam, Finding, PhotoExam } from "./api_types";
import { known, language, t } from "./text";

/** undefined: still on its way. */
export type LoadedExam = Exam | { failure: string } | undefined;

/** What the viewers need to know of the case and of the person who looks. */
export interface Shown {
  caseId: string;
  /** Name, birth date, sex, case: stays over what is shown. */
  identity: unknown;
  /** Of a photo that must not be taken for anybody's. */
  watermark: string;
  sensitive: boolean;
  /** The site of the lesion in the doctor's words. */
  site: string;
  /** Whether the operator answers for the clinical tools. */
  tools: boolean;
}

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

function numbered<Kind extends Exam>(exams: readonly LoadedExam[], kind: Kind["kind"]): { n: number; exam: Kind }[] {
  return exams.flatMap((exam, n) => (exam && "kind" in exam && exam.kind === kind ? [{ n, exam: exam as Kind }] : []));
}

function ecg(shown: Shown, exams: readonly LoadedExam[], n: number): unknown {
  const exam = exams[n];
  return html`<section class="card" aria-busy=${exam ? "false" : "true"}>
    <div class="title">
      <h2>${t("web.exam.ecg")}</h2>
      <a href="${kApi}/cases/${shown.caseId}/exams/${n}/original" download>${t("web.exam.original")}</a>
    </div>
    ${!exam ? html`<p>${t("web.loading")}</p>` : nothing}
    ${exam && "failure" in exam ? html`<p class="error" role="alert">${exam.failure}</p>` : nothing}
    ${exam && "kind" in exam
      ? html`<telavis-ecg
            .exam=${exam as EcgExam} .others=${numbered<EcgExam>(exams, "ecg").filter((other) => other.n !== n)}
            caseId=${shown.caseId} n=${n} .tools=${shown.tools} .identity=${shown.identity}
          ></telavis-ecg>
          ${findings(exam.findings)}`
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

export function examCards(shown: Shown, exams: readonly LoadedExam[]): unknown {
  const photos = numbered<PhotoExam>(exams, "photo");
  return html`${exams.map((exam, n) => (exam && "kind" in exam && exam.kind !== "ecg" ? nothing : ecg(shown, exams, n)))}
    ${documents(shown.caseId, exams)}
    ${photos.length > 0
      ? html`<section class="card"><h2>${t("web.exam.photos")}</h2><telavis-photos .photos=${photos} .shown=${shown}></telavis-photos></section>`
      : nothing}`;
}
