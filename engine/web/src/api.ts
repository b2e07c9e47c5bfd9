// SPDX-License-Identifier: Apache-2.0
// The engine's HTTP API v1, as the pages call it.
import type {
  Act, CaseAnswer, CaseFigures, Command, DirectoryEntry, EngineInfo, Exam, Me, Programme, Receipt, RoutingRound, TrayExam,
} from "./api_types";
import { language, t } from "./text";

export class ApiError extends Error {
  /** `field`: the dotted member of the request that was refused, when the engine names one. */
  constructor(readonly code: string, text: string, readonly field = "") {
    super(text);
  }
}

export const kApi = "/api/v1";
export const kSessionLost = "telavis-session-lost";

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
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { code?: string; text?: string; field?: string } } | undefined;
  const code = body?.error?.code ?? `http_${response.status}`;
  if (response.status === 401 && code !== "login_failed") window.dispatchEvent(new Event(kSessionLost));
  const text = body?.error?.text ?? t("web.error.status", { status: response.status });
  return new ApiError(code, text, body?.error?.field ?? "");
}

async function call<T>(method: "GET" | "POST", path: string, sent: Sent = {}): Promise<T> {
  const headers: Record<string, string> = { "Accept-Language": language() };
  if (sent.json !== undefined) headers["Content-Type"] = "application/json";
  if (sent.key) headers["Idempotency-Key"] = sent.key;
  const body = sent.form ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json));
  let response: Response;
  try {
    response = await fetch(kApi + path, { method, headers, body, cache: "no-store", keepalive: sent.keepalive ?? false });
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

/** A picture of the engine. */
export async function picture(url: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { "Accept-Language": language() }, cache: "no-store" });
    if (response.ok) return await response.blob();
  } catch {
    throw new ApiError("network", t("web.error.network"));
  }
  throw await refusal(response);
}

/** One key for one intention: the same one at every retry, so that a command counts once. */
export const newKey = (): string => crypto.randomUUID();

/** JSON and the files that go with it, as the engine takes them. */
function upload(json: unknown, files: readonly File[]): FormData {
  const form = new FormData();
  form.append("request", new Blob([JSON.stringify(json)], { type: "application/json" }), "request.json");
  for (const file of files) form.append("file", file, file.name);
  return form;
}

export const api = {
  login: (login: string, password: string) =>
    call<{ user: Me }>("POST", "/login", { json: { login, password } }),
  logout: () => call<void>("POST", "/logout"),
  engine: () => call<EngineInfo>("GET", "/engine"),
  me: () => call<{ user: Me }>("GET", "/me"),
  programmes: () => call<{ programmes: Programme[] }>("GET", "/programmes"),
  directory: (programme: string) =>
    call<{ directory: DirectoryEntry[] }>("GET", `/directory?programme=${encodeURIComponent(programme)}`),
  cases: () => call<{ cases: CaseFigures[] }>("GET", "/cases"),
  case: (id: string) => call<CaseAnswer>("GET", `/cases/${id}`),
  routing: (id: string) => call<{ rounds: RoutingRound[] }>("GET", `/cases/${id}/routing`),
  exam: (id: string, n: number) => call<Exam>("GET", `/cases/${id}/exams/${n}`),
  /** `keep`: a request that lacks mandatory items is kept, and waits for them. */
  submit: (request: unknown, files: readonly File[], keep: boolean, key: string) =>
    call<Receipt>("POST", `/cases${keep ? "?incomplete=keep" : ""}`, { form: upload(request, files), key }),
  command: (id: string, command: Command, json: unknown, key: string, files: readonly File[] = []) =>
    call<Receipt>("POST", `/cases/${id}/${command}`, files.length > 0 ? { form: upload(json, files), key } : { json, key }),
  tray: () => call<{ exams: TrayExam[] }>("GET", "/tray"),
  /** Sent even when the page is being left, as far as browsers do that. */
  draft: (id: string, json: unknown) =>
    call<Receipt>("POST", `/cases/${id}/draft`, {
      json, key: newKey(), keepalive: JSON.stringify(json).length < kMostKeptAlive,
    }),
  acts: (from: string, to: string) => call<{ acts: Act[] }>("GET", `/acts?from=${from}&to=${to}`),
};
export const imageUrl = (id: string, n: number, size: "preview" | "full"): string =>
  `${kApi}/cases/${id}/exams/${n}/image?size=${size}`;

export const textOf = (error: unknown): string =>
  error instanceof ApiError ? error.message : t("web.error.page");
export const trayImageUrl = (id: string): string => `${kApi}/tray/${id}/image?size=full`;
