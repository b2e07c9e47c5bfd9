// SPDX-License-Identifier: Apache-2.0
// The operator's switch for what goes beyond showing (docs/regulation.md). Off until the engine has
// said that it is on.
import { api } from "./api";

let asked: Promise<boolean> | undefined;

/** Asked once a page. Rejects when the engine cannot be asked; the next call asks again. */
export function clinicalTools(): Promise<boolean> {
  asked ??= api.engine().then(
    (engine) => engine.clinical_tools.enabled,
    (error: unknown) => {
      asked = undefined;
      throw error;
    },
  );
  return asked;
}
