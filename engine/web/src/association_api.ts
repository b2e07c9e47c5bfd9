// SPDX-License-Identifier: Apache-2.0
// What an association's staff asks of the engine, as /api/v1/openapi.json describes it.
import { call, kApi } from "./api";

// ---- figures
export interface Figure {
  id: string;
  kind: "count" | "share" | "hours" | "per_month";
  count: number | null;
  of: number | null;
  percent: number | null;
  median: number | null;
  p90: number | null;
  masked: boolean;
}
export interface Distribution {
  id: string;
  words: string;
  of: number | null;
  entries: { code: string; count: number | null; masked: boolean }[];
}
export interface FigureGroup {
  key: string;
  label: string;
  figures: Figure[];
}
export interface Figures {
  from: string;
  to: string;
  outside: boolean;
  programme_names: string[];
  figures: Figure[];
  distributions: Distribution[];
  months: FigureGroup[];
  territories: FigureGroup[];
  programmes: FigureGroup[];
}

// ---- people, devices, programmes
export interface ExpertLoad {
  id: string;
  programme: string;
  name: string;
  status: string;
  available: boolean;
  place: string;
  territory: string;
  office_phone: string;
  mobile_phone: string;
  mail_address: string;
  next_open_at: string | null;
  open_cases: number;
  max_open_cases: number;
  recent_offers: number;
}
export interface PersonOnFile {
  version: number;
  person: {
    id: string;
    title?: string;
    given_name?: string;
    family_name?: string;
    rpps?: string;
    profession?: string;
    speciality?: string;
    mail_address?: string;
    mobile_phone?: string;
    office_phone?: string;
    place?: string;
    territory?: string;
    status: "requested" | "active" | "suspended" | "left";
    enrolment?: Partial<Record<"requested_on" | "decided_on" | "order_checked_on", string>>;
    memberships: { programme?: string; role: string }[];
  };
}
export interface Remark {
  code: string;
  text: string;
}
export interface PersonRecord extends PersonOnFile {
  warnings: Remark[];
  obstacles: Remark[];
}
export interface DeviceOnFile {
  version: number;
  device: {
    id: string;
    programme: string;
    serial: string;
    model?: string;
    owner?: string;
    holder?: string | null;
    lent_on?: string;
    due_back_on?: string;
    returned_on?: string;
    consumables?: string;
    suspended?: boolean;
  };
}
export interface Sla {
  working_hours: boolean;
  offer_window_minutes: number;
  remind_minutes: number;
  warn_minutes: number;
  take_back_minutes: number;
  breach_minutes: number;
  [other: string]: unknown;
}
export interface Definition {
  id: string;
  version: number;
  name_fr: string;
  name_en: string;
  speciality: string;
  policy: "direct" | "rotation" | "open";
  territories: string[];
  territory_experts_only?: boolean;
  training_required?: boolean;
  reasons: string[];
  sla: Sla;
  [other: string]: unknown;
}
export interface Preview {
  policy: Definition["policy"];
  line: string;
  working_hours: boolean;
  time_zone: string;
  offer_window_minutes: number;
  promise: Record<"completed_at" | "remind_at" | "warn_at" | "take_back_at" | "breach_at", string>;
  experts: { expert: string; excluded_because: string; invite_at: string | null; expires_at: string | null }[];
}
export interface Previews {
  before: Preview | null;
  after: Preview;
  changed: string[];
}

// ---- what waits for a medical referent
export interface KeptMail {
  id: string;
  mailbox: string;
  received_at: string;
  verdict: string;
  why: string;
  case_number: string | null;
}
export interface OpenedMail {
  mail: KeptMail;
  content: {
    from: string;
    from_label: string;
    subject: string;
    date: string | null;
    text: string;
    forwarded_text: string;
    attachments: { name: string; media_type: string; bytes: number }[];
  };
}
export interface UnreadableExam {
  id: string;
  device: string;
  programme: string;
  received_at: string;
  bytes: number;
  why: string;
}

const asked = (values: Record<string, string>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();
const one = encodeURIComponent;

export const figuresTable = (period: Record<string, string>, format: string): string =>
  `${kApi}/exports/figures?${asked({ ...period, format })}`;

export const association = {
  figures: (period: Record<string, string>) => call<Figures>("GET", `/figures?${asked(period)}`),
  experts: () => call<{ experts: ExpertLoad[] }>("GET", "/experts"),
  people: () => call<{ people: PersonOnFile[] }>("GET", "/admin/people"),
  person: (id: string) => call<PersonRecord>("GET", `/admin/people/${one(id)}`),
  /** One of the steps of an enrolment; the version says what it was decided upon. */
  step: (id: string, step: string, json: Record<string, unknown>) =>
    call<PersonOnFile | undefined>("POST", `/admin/people/${one(id)}/${step}`, { json }),
  kit: (id: string) => call<void>("POST", `/admin/people/${one(id)}/kit`),
  devices: () => call<{ devices: DeviceOnFile[] }>("GET", "/admin/devices"),
  lend: (id: string, json: { version: number; holder: string; due_back_on?: string }) =>
    call<DeviceOnFile>("POST", `/admin/devices/${one(id)}/lend`, { json }),
  takeBack: (id: string, json: { version: number; consumables: string }) =>
    call<DeviceOnFile>("POST", `/admin/devices/${one(id)}/return`, { json }),
  pair: (id: string) => call<{ code: string; expires_at: string }>("POST", `/admin/devices/${one(id)}/pairing`),
  definitions: () => call<{ programmes: Definition[] }>("GET", "/admin/programmes"),
  preview: (id: string, json: unknown) => call<Previews>("POST", `/admin/programmes/${one(id)}/preview`, { json }),
  save: (definition: Definition) =>
    call<{ programme: Definition }>("PUT", `/admin/programmes/${one(definition.id)}`, { json: definition }),
  keptMails: () => call<{ mails: KeptMail[] }>("GET", "/kept-mails"),
  openMail: (id: string, reason: string) => call<OpenedMail>("POST", `/kept-mails/${one(id)}/open`, { json: { reason } }),
  fileMail: (id: string, json: { reason: string; as: string; case_number?: string }) =>
    call<{ verdict: string }>("POST", `/kept-mails/${one(id)}/file`, { json }),
  unreadableExams: () => call<{ exams: UnreadableExam[] }>("GET", "/unreadable-exams"),
};
export const keptMailUrl = (id: string): string => `${kApi}/kept-mails/${one(id)}/original`;
export const unreadableExamUrl = (id: string): string => `${kApi}/unreadable-exams/${one(id)}/original`;
