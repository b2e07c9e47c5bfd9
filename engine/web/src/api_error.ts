// SPDX-License-Identifier: Apache-2.0
export class ApiError extends Error {
  /** `field`: the dotted member of the request that was refused, when the engine names one. */
  constructor(readonly code: string, text: string, readonly field = "", readonly status = 0) {
    super(text);
  }
  /** Nothing was refused: the line, the session or the engine is not there at the moment. */
  get passes(): boolean {
    return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}
