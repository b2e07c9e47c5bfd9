// SPDX-License-Identifier: Apache-2.0
// The viewers travel to the browser when a case shows something for them.
import { ApiError } from "./api";
import type { ExamKind } from "./api_types";
import { t } from "./text";

/** Rejects when the engine has other pages by now: the names of their parts change with their content. */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch {
    throw new ApiError("page_outdated", t("web.error.outdated"));
  }
}

const kViewers: Record<ExamKind, () => Promise<unknown>> = {
  ecg: () => loadPart(() => import("./ecg_view")),
  photo: () => loadPart(() => import("./photo_view")),
  document: () => Promise.resolve(),
};
export const loadViewer = (kind: ExamKind): Promise<unknown> => kViewers[kind]();
