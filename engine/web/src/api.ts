// SPDX-License-Identifier: Apache-2.0
// The engine's HTTP API v1, as the pages use it.
import type { EcgLead } from "./ecg_layout";
import { language, t } from "./text";

export type Role =
  | "requester" | "expert" | "coordinator" | "treasurer" | "medical_referent" | "admin";
export type CaseState =
  | "queued" | "offered" | "accepted" | "answered" | "delivered" | "closed" | "cancelled";
export type Speciality = "cardiology" | "dermatology";

export interface Me {
  id: string;
  login: string;
  display_name: string;
  rpps: string;
  memberships: { programme: string; programme_name: string; role: Role }[];
}
export interface Programme {
  id: string;
  name: string;
  speciality: Speciality;
  association: string;
  time_zone: string;
  answer_hours: number;
}
export interface Person {
  display_name: string;
  rpps: string;
}
export type ExamKind = "ecg" | "photo" | "document";
export type PhotoRole = "unstated" | "overview" | "close_up" | "dermoscopy";
export interface CaseFigures {
  id: string;
  number: string;
  state: CaseState;
  programme: string;
  programme_name: string;
  speciality: Speciality;
  submitted_at: string;
  breach_at: string;
  breached: boolean;
  answered_at: string | null;
  delivered_at: string | null;
  pending_release_at: string | null;
  requester: Person;
  expert: Person | null;
  exams: { kind: ExamKind; format: string; detail: string; findings: string[] }[];
  my_role: Role | null; // null: an expert who has just declined
  may: Record<
    "accept" | "decline" | "answer" | "cancel" | "open" | "read_content" | "read_report", boolean
  >;
}
export type Sex = "female" | "male" | "other" | "unknown";
export type Orientation =
  | "gp_management" | "in_person" | "emergency_15" | "other_specialty" | "repeat_recording";
export interface OpinionText {
  conclusion: string;
  conduct: string;
  orientation: Orientation;
  data_sufficient: boolean;
  pedagogy: string;
}
export interface CaseContent {
  patient: { id: string; family_name: string; given_name: string; birth_date: string; sex: Sex };
  reason: string;
  question: string;
  context: string;
  own_reading: string;
  opinion: (OpinionText & { signed_at: string; expert: { display_name: string } }) | null;
}
export interface CaseAnswer {
  case: CaseFigures;
  content?: CaseContent;
}
/** What a command answers; the same bytes when it is repeated with its key. */
export interface Receipt {
  case: Pick<CaseFigures, "id" | "number" | "state" | "submitted_at" | "breach_at">;
}
export interface Finding {
  code: string;
  severity: "info" | "warning" | "error";
  text: string;
}
export interface EcgExam {
  kind: "ecg";
  acquired_at: string;
  device: { manufacturer: string; model: string };
  findings: Finding[];
  leads: EcgLead[];
}
export interface PhotoExam {
  kind: "photo";
  role: PhotoRole;
  width: number;
  height: number;
  findings: Finding[];
}
/** A PDF that came instead of a recording. */
export interface DocumentExam {
  kind: "document";
  pages: number;
  findings: Finding[];
}
export type Exam = EcgExam | PhotoExam | DocumentExam;
export interface Act {
  case_number: string;
  role: "expert" | "requester";
  code: string;
  professional: string;
  care_date: string;
  tariff_zone: string;
  amount_cents: number;
  billable: boolean;
  refusal: string;
}

export class ApiError extends Error {
  constructor(readonly code: string, text: string) {
    super(text);
  }
}

export const kApi = "/api/v1";
export const kSessionLost = "telavis-session-lost";

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
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { code?: string; text?: string } } | undefined;
  const code = body?.error?.code ?? `http_${response.status}`;
  if (response.status === 401 && code !== "login_failed") window.dispatchEvent(new Event(kSessionLost));
  return new ApiError(code, body?.error?.text ?? t("web.error.status", { status: response.status }));
}

async function call<T>(method: "GET" | "POST", path: string, sent: Sent = {}): Promise<T> {
  const headers: Record<string, string> = { "Accept-Language": language() };
  if (sent.json !== undefined) headers["Content-Type"] = "application/json";
  if (sent.key) headers["Idempotency-Key"] = sent.key;
  const body = sent.form ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json));
  let response: Response;
  try {
    response = await fetch(kApi + path, { method, headers, body, cache: "no-store" });
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

/** One key for one intention: the same one at every retry, so that a command counts once. */
export const newKey = (): string => crypto.randomUUID();

export type Command = "accept" | "decline" | "opinion" | "cancel" | "open";

export const api = {
  login: (login: string, password: string) =>
    call<{ user: Me }>("POST", "/login", { json: { login, password } }),
  logout: () => call<void>("POST", "/logout"),
  me: () => call<{ user: Me }>("GET", "/me"),
  programmes: () => call<{ programmes: Programme[] }>("GET", "/programmes"),
  cases: () => call<{ cases: CaseFigures[] }>("GET", "/cases"),
  case: (id: string) => call<CaseAnswer>("GET", `/cases/${id}`),
  exam: (id: string, n: number) => call<Exam>("GET", `/cases/${id}/exams/${n}`),
  submit: (form: FormData, key: string) => call<Receipt>("POST", "/cases", { form, key }),
  command: (id: string, command: Command, json: unknown, key: string) =>
    call<Receipt>("POST", `/cases/${id}/${command}`, { json, key }),
  acts: (from: string, to: string) => call<{ acts: Act[] }>("GET", `/acts?from=${from}&to=${to}`),
};
export const imageUrl = (id: string, n: number, size: "preview" | "full"): string =>
  `${kApi}/cases/${id}/exams/${n}/image?size=${size}`;

export const textOf = (error: unknown): string =>
  error instanceof ApiError ? error.message : t("web.error.page");
