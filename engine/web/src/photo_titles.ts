// SPDX-License-Identifier: Apache-2.0
import type { PhotoExam } from "./api_types";
import { t } from "./text";

/** A photo and its number among the exams of the case. */
export interface NumberedPhoto {
  n: number;
  exam: PhotoExam;
}
const kOrder: PhotoExam["role"][] = ["overview", "close_up", "dermoscopy", "unstated"];

/** From far to near, as they are looked at. */
export const inOrder = (photos: readonly NumberedPhoto[]): NumberedPhoto[] =>
  [...photos].sort((a, b) => kOrder.indexOf(a.exam.role) - kOrder.indexOf(b.exam.role));

/** "Photo 2 · dermoscopie" */
export const titleOf = (photos: readonly NumberedPhoto[], one: NumberedPhoto): string =>
  [t("web.exam.photo_n", { n: photos.indexOf(one) + 1 }), one.exam.role === "unstated" ? "" : t(`web.role.${one.exam.role}`)].filter(Boolean).join(" · ");
