// SPDX-License-Identifier: Apache-2.0
// The engine's HTTP API v1, as the pages call it.
import type {
  Act, CaseAnswer, CaseBrief, CaseFigures, Command, DirectoryEntry, EngineInfo, Exam, ExpertTerms, MeAnswer, NotebookEntry,
  OwnDevice, OwnSlot, OwnYear, PersonRecord, Programme, ProposedFactor, Receipt, RoutingRound, SessionSummary, TrayExam,
} from "./api_types";
import type { OwnTexts } from "./personal_texts";
import { ApiError } from "./api_error";
import { idleSeconds } from "./idle";
import { language, t } from "./text";

export { ApiError };
export const kApi = "/api/v1";
/** The session has ended, is locked, or lacks its second factor: `detail` is the engine's code. */
export const kSessionLost = "telavis-session-lost";
// Refusals of what was typed, not of the session.
const kWrongSecrets = ["login_failed", "second_factor_failed", "recovery_failed"];

const kMostKeptAlive = 20_000; // characters; browsers keep 64 KB alive in all, in UTF-8
// A workstation with a wrong clock would count the hours left wrongly: the engine's Date header
// rules. Under a minute it is the age of the header, not an error.
const kClockTolerance = 60_000;
let engineAhead = 0;
export const now = (): number => Date.now() + engineAhead;

function readClock(response: Response): void {
  const ahead = Date.parse(response.headers.get("Date") ?? "") - Date.now();
  if (!Number.isNaN(ahead)) engineAhead = Math.abs(ahead) > kClockTolerance ? ahead : 0;
}

interface Sent {
  json?: unknown;
  form?: FormData;
  key?: string;
  keepalive?: boolean; // goes on when the page is left
  timeout?: number; // ms
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { code?: string; text?: string; field?: string } } | undefined;
  const code = body?.error?.code ?? `http_${response.status}`;
  if (response.status === 401 && !kWrongSecrets.includes(code)) {
    window.dispatchEvent(new CustomEvent(kSessionLost, { detail: code }));
  }
  const text = body?.error?.text ?? t("web.error.status", { status: response.status });
  return new ApiError(code, text, body?.error?.field ?? "", response.status);
}

/** What the engine is told with every question: the language, and for how long nobody has touched a page. */
const told = (): Record<string, string> => ({ "Accept-Language": language(), "Telavis-Idle-Seconds": String(idleSeconds()) });

export async function call<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, sent: Sent = {}): Promise<T> {
  const headers = told();
  if (sent.json !== undefined) headers["Content-Type"] = "application/json";
  if (sent.key) headers["Idempotency-Key"] = sent.key;
  const body = sent.form ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json));
  const signal = sent.timeout ? AbortSignal.timeout(sent.timeout) : null;
  let response: Response;
  try {
    response = await fetch(kApi + path, { method, headers, body, cache: "no-store", keepalive: sent.keepalive ?? false, signal });
  } catch {
    throw new ApiError("network", t("web.error.network"));
  }
  readClock(response);
  if (!response.ok) throw await refusal(response);
  try {
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  } catch {
    throw new ApiError("network", t("web.error.network"));
  }
}

/** A picture or a document of the engine; made of `json` when there is one. */
export async function picture(url: string, json?: unknown): Promise<Blob> {
  let response: Response;
  try {
    const asked = json === undefined ? {} : { method: "POST", body: JSON.stringify(json) };
    const type: Record<string, string> = json === undefined ? {} : { "Content-Type": "application/json" };
    response = await fetch(url, { ...asked, headers: { ...told(), ...type }, cache: "no-store" });
    if (response.ok) return await response.blob();
  } catch {
    throw new ApiError("network", t("web.error.network"));
  }
  throw await refusal(response);
}

/** One key for one intention: the same one at every retry, so that a command counts once. */
export const newKey = (): string => crypto.randomUUID();

/** JSON and the files that go with it, as the engine takes them: whole, or by the id of an upload. */
function upload(json: unknown, files: readonly (File | string)[]): FormData {
  const form = new FormData();
  form.append("request", new Blob([JSON.stringify(json)], { type: "application/json" }), "request.json");
  for (const file of files) {
    if (typeof file === "string") form.append("upload", file);
    else form.append("file", file, file.name);
  }
  return form;
}

// What has not left by then is given up: the line is dead, whatever the browser says.
const kPieceTimeout = 60_000;
const kAnswerTimeout = 120_000; // a question without bytes, decoded there
const timeoutOf = (files: readonly (File | string)[]): number | undefined =>
  files.every((file) => typeof file === "string") ? kAnswerTimeout : undefined;
const kUploads = `${kApi}/uploads`;

async function tus(method: string, path: string, headers: Record<string, string>, body?: BodyInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method, body, cache: "no-store", signal: AbortSignal.timeout(kPieceTimeout),
      headers: { ...told(), "Tus-Resumable": "1.0.0", ...headers },
    });
  } catch {
    throw new ApiError("network", t("web.error.network"));
  }
  if (!response.ok) throw await refusal(response);
  await response.arrayBuffer(); // there is nothing in it; unread, it would hold the connection
  return response;
}
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** A file in pieces, each durable before it is answered (tus 1.0, docs/devices.md). */
export const uploads = {
  /** Gives its id. */
  async begin(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const metadata = `filename ${base64(new TextEncoder().encode(name))},sha256 ${await sha256(bytes)}`;
    const begun = await tus("POST", kUploads, { "Upload-Length": String(bytes.length), "Upload-Metadata": metadata });
    return begun.headers.get("Location")!.split("/").at(-1)!;
  },
  /** Bytes that have arrived. */
  async offset(id: string): Promise<number> {
    return Number((await tus("HEAD", `${kUploads}/${id}`, {})).headers.get("Upload-Offset"));
  },
  async piece(id: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    const headers = {
      "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), "Upload-Checksum": `sha256 ${await sha256(bytes)}`,
    };
    return Number((await tus("PATCH", `${kUploads}/${id}`, headers, bytes)).headers.get("Upload-Offset"));
  },
  async end(id: string): Promise<void> {
    await tus("DELETE", `${kUploads}/${id}`, {});
  },
};

export const api = {
  login: (login: string, password: string) =>
    call<MeAnswer>("POST", "/login", { json: { login, password } }),
  secondFactor: (code: string) => call<MeAnswer>("POST", "/login/second-factor", { json: { code } }),
  unlock: (password: string) => call<MeAnswer>("POST", "/session/unlock", { json: { password } }),
  logout: () => call<void>("POST", "/logout"),
  engine: () => call<EngineInfo>("GET", "/engine"),
  me: () => call<MeAnswer>("GET", "/me"),
  proposeFactor: (code: string) => call<ProposedFactor>("POST", "/me/second-factor", { json: code ? { code } : {} }),
  confirmFactor: (code: string) =>
    call<{ recovery_codes: string[] }>("POST", "/me/second-factor/confirm", { json: { code } }),
  sessions: () => call<{ sessions: SessionSummary[] }>("GET", "/me/sessions"),
  endSession: (id: string) => call<void>("POST", `/me/sessions/${id}/end`),
  endOtherSessions: () => call<void>("POST", "/me/sessions/end-others"),
  askForCode: (login: string) => call<void>("POST", "/recovery", { json: { login } }),
  recoverPassword: (json: { login: string; code: string; second_factor: string; password: string }) =>
    call<void>("POST", "/recovery/password", { json }),
  recoverFactor: (json: { login: string; code: string; password: string }) =>
    call<void>("POST", "/recovery/second-factor", { json }),
  programmes: () => call<{ programmes: Programme[] }>("GET", "/programmes"),
  directory: (programme: string) =>
    call<{ directory: DirectoryEntry[] }>("GET", `/directory?programme=${encodeURIComponent(programme)}`),
  cases: () => call<{ cases: CaseFigures[] }>("GET", "/cases"),
  case: (id: string) => call<CaseAnswer>("GET", `/cases/${id}`),
  routing: (id: string) => call<{ rounds: RoutingRound[] }>("GET", `/cases/${id}/routing`),
  exam: (id: string, n: number) => call<Exam>("GET", `/cases/${id}/exams/${n}`),
  /** `keep`: a request that lacks mandatory items is kept, and waits for them. */
  submit: (request: unknown, files: readonly (File | string)[], keep: boolean, key: string) =>
    call<Receipt>("POST", `/cases${keep ? "?incomplete=keep" : ""}`, { form: upload(request, files), key, timeout: timeoutOf(files) }),
  command: (id: string, command: Command, json: unknown, key: string, files: readonly (File | string)[] = []) =>
    call<Receipt>("POST", `/cases/${id}/${command}`, files.length > 0 ? { form: upload(json, files), key, timeout: timeoutOf(files) } : { json, key }),
  tray: () => call<{ exams: TrayExam[] }>("GET", "/tray"),
  discard: (exam: string) => call<void>("DELETE", `/tray/${exam}`),
  devices: () => call<{ devices: OwnDevice[] }>("GET", "/me/devices"),
  /** Sent even when the page is being left, as far as browsers do that. */
  draft: (id: string, json: unknown) =>
    call<Receipt>("POST", `/cases/${id}/draft`, {
      json, key: newKey(), keepalive: JSON.stringify(json).length < kMostKeptAlive,
    }),
  /** Nothing of it is kept. */
  preview: (id: string, opinion: unknown) => picture(`${kApi}/cases/${id}/preview`, opinion),
  /** What lists show of patients: asked by the list alone, since each reading is written down. */
  briefs: () => call<{ briefs: CaseBrief[] }>("GET", "/briefs"),
  notebook: () => call<{ notebook: NotebookEntry[] }>("GET", "/me/notebook"),
  year: (year: number) => call<OwnYear>("GET", `/me/year?year=${year}`),
  texts: () => call<OwnTexts>("GET", "/me/texts"),
  putTexts: (texts: OwnTexts) => call<OwnTexts>("PUT", "/me/texts", { json: texts }),
  slots: () => call<{ slots: OwnSlot[] }>("GET", "/me/slots"),
  addSlot: (slot: { starts_at: string; place: string; booking: string }) => call<{ slot: OwnSlot }>("POST", "/me/slots", { json: slot }),
  removeSlot: (id: string) => call<void>("DELETE", `/me/slots/${id}`),
  record: () => call<PersonRecord>("GET", "/me/record"),
  terms: (version: number, terms: ExpertTerms) => call<PersonRecord>("POST", "/me/terms", { json: { version, terms } }),
  acts: (from: string, to: string) => call<{ acts: Act[] }>("GET", `/acts?from=${from}&to=${to}`),
};
export const imageUrl = (id: string, n: number, size: "preview" | "full"): string =>
  `${kApi}/cases/${id}/exams/${n}/image?size=${size}`;

export function textOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return t(error instanceof DOMException && error.name === "QuotaExceededError" ? "web.error.quota" : "web.error.page");
}
export const trayImageUrl = (id: string): string => `${kApi}/tray/${id}/image?size=full`;
