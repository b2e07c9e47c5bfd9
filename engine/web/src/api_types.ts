// SPDX-License-Identifier: Apache-2.0
// What the engine's HTTP API v1 says, as /api/v1/openapi.json describes it.
import type { EcgLead } from "./ecg_layout";

export type Role =
  | "requester" | "expert" | "coordinator" | "treasurer" | "medical_referent" | "admin";
export type CaseState =
  | "incomplete" | "redirected" | "queued" | "offered" | "accepted" | "waiting" | "answered" | "delivered"
  | "closed" | "cancelled";
export type Speciality = "cardiology" | "dermatology";
export type Exit = "15_now" | "in_person_today";
/** The last part of POST /api/v1/cases/{id}/<command>. */
export type Command =
  | "complete" | "resume" | "info" | "wait" | "transfer" | "cancel" | "acknowledge" | "follow-up" | "close-out"
  | "patient-informed"
  | "call" | "appointment" | "outcome" | "accept" | "decline" | "give-back" | "need-info" | "draft" | "opinion"
  | "take-opinion-back" | "correct" | "follow-up-answer" | "reassign" | "open"
  | "request-erasure" | "approve-erasure" | "withdraw-erasure" | "hold" | "release-hold" | "restrict"
  | "lift-restriction";
export type Readable = "coded" | "content" | "report" | "letter" | "routing" | "staff_reasons";

export interface Me {
  id: string;
  login: string;
  display_name: string;
  rpps: string;
  memberships: { programme: string; programme_name: string; role: Role }[];
}

export interface EngineInfo {
  clinical_tools: { enabled: boolean; responsible: string; statement: string };
}

/** What is to be given before a session may do anything, unless it is open. */
export type SessionStage = "open" | "enrolment" | "second_factor" | "locked";
export interface OwnSession {
  stage: SessionStage;
  second_factor: boolean;
  idle_lock_seconds: number;
  expires_at: string;
}
export interface MeAnswer {
  user: Me;
  session: OwnSession;
}
export interface SessionSummary {
  id: string;
  created_at: string;
  last_seen_at: string;
  browser: string;
  current: boolean;
}
export interface ProposedFactor {
  secret: string;
  uri: string;
  qr_svg: string;
}

// ---- programmes
export interface Labelled {
  code: string;
  label: string;
}
export type ItemType =
  | "yes_no" | "whole_number" | "decimal" | "date_or_month" | "choice" | "text" | "texts";
export interface FormItem {
  name: string; // dotted path in the request's `clinical` object
  label: string;
  mandatory: boolean;
  type: ItemType;
  unit: string;
  least: number | null;
  most: number | null;
  choices: Labelled[];
}
export interface RedFlag {
  code: string;
  sentence: string;
  exit: Exit;
}
export type PhotoRole = "unstated" | "overview" | "close_up" | "dermoscopy";
export interface Programme {
  id: string;
  name: string;
  speciality: Speciality;
  association: string;
  policy: "direct" | "rotation" | "open";
  answer_hours: number;
  working_hours: boolean;
  lines: { name: string; reasons: string[]; answer_hours: number; open: boolean }[];
  reasons: Labelled[];
  form: FormItem[];
  red_flags: RedFlag[];
  wanted_photos: PhotoRole[];
  training_required: boolean;
  notice_version: string;
  time_zone: string;
  usual_wait_minutes: number | null;
  experts_present: number;
}
export interface DirectoryEntry {
  id: string;
  kind: "expert" | "group";
  name: string;
  speciality: string;
  place: string;
  territory: string;
  phone: string;
  next_open_at: string | null;
}

// ---- cases: figures
export interface Person {
  id: string;
  display_name: string;
  rpps: string;
}
export type ExamKind = "ecg" | "photo" | "document";
export type DialogueKind =
  | "need_info" | "info" | "follow_up" | "follow_up_answer" | "call" | "appointment" | "close_out" | "outcome";
export interface Offer {
  expert: Person;
  offered_at: string;
  expires_at: string | null;
  outcome: "pending" | "accepted" | "declined" | "expired" | "given_back" | "taken_back" | "withdrawn";
  reason: string;
}
export interface Promised {
  completed_at: string;
  remind_at: string;
  warn_at: string;
  take_back_at: string;
  breach_at: string;
}
export interface CaseFigures {
  id: string;
  number: string;
  state: CaseState;
  programme: string;
  programme_name: string;
  speciality: Speciality;
  time_zone: string;
  policy: Programme["policy"];
  exams: { kind: ExamKind; format: string; detail: string; findings: string[] }[];
  missing: { name: string; label: string }[];
  dialogue: Record<DialogueKind, number>;
  my_role: Role | null; // null: an expert who has just declined
  actions: Command[];
  readable: Readable[];
  requester: Person;
  expert: Person | null;
  delegate: Person | null;
  offers: Offer[];
  submitted_at: string;
  promise: Promised | null; // none before the request is complete
  breached_at: string | null;
  late: boolean;
  requester_waits: boolean;
  no_expert_since: string | null;
  waiting_since: string | null;
  waited_seconds: number;
  answered_at: string | null;
  delivered_at: string | null;
  opened_at: string | null;
  follow_up_due_at: string | null;
  close_out_at: string | null;
  pending_release_at: string | null; // its author's alone
  restricted_at: string | null;
  erased_at: string | null;
  line: string | null;
  redirect_exit: Exit | null;
  urgent: boolean | null;
  urgent_alert: boolean;
  acknowledged_at: string | null;
  appointment_awaited: boolean | null;
  outcome_asked: boolean | null;
}

// ---- cases: content
export type Sex = "female" | "male" | "other" | "unknown";
export type InsStatus = "provisional" | "retrieved" | "validated" | "qualified";
export type Guardianship = "none" | "tutelle" | "curatelle" | "habilitation";
export type Opposition = "exchange" | "attending_physician" | "citizen_mailbox" | "teaching" | "research";
/** The request as it is sent, and as it comes back. */
export interface CaseRequest {
  programme: string;
  patient?: { family_name: string; given_name: string; birth_date: string; sex: Sex };
  ins?: { matricule: string; oid: string; status: InsStatus; from_insi: boolean };
  patient_phone: string;
  reason: string;
  question: string;
  context: string;
  own_reading: string;
  clinical: Record<string, unknown>;
  red_flags: Record<string, boolean>;
  regulated_at: string;
  information: { form: string; text_version?: string; by?: string; at?: string };
  consent: {
    given_by: string;
    representative_name?: string;
    representative_quality?: string;
    accompanying_adult?: string;
  };
  oppositions: Record<Opposition, boolean>;
  minor_secrecy: boolean;
  guardianship: Guardianship;
  requested_experts: string[];
  requested_group: string;
  attending_physician?: NamedDoctor;
  acting_doctor?: NamedDoctor;
  file_roles: PhotoRole[];
  tray?: TrayPick[];
}
export interface NamedDoctor {
  name: string;
  address: string;
}
/** Lent to the reader. Dates are ISO, empty when open. */
export interface OwnDevice {
  id: string;
  programme: string;
  model: string;
  serial: string;
  owner: string;
  lent_on: string;
  due_back_on: string;
  consumables: string;
  suspended: boolean;
}
export interface TrayPick {
  id: string;
  confirmed: string[];
}
export interface TrayExam {
  id: string;
  device: string;
  received_at: string;
  kept_until: string;
  kind: "ecg" | "photo" | "document";
  detail: string;
  recorded_at: string;
  findings: string[];
  patient: { family_name: string; given_name: string; birth_date: string };
}
export type Orientation =
  | "gp_management" | "in_person" | "emergency_15" | "other_specialty" | "repeat_recording";
export interface OpinionText {
  conclusion: string;
  conduct: string;
  orientation: Orientation;
  data_sufficient: boolean;
  pedagogy: string;
  media_quality: "" | "good" | "usable" | "unusable";
  to_redo: string;
  suspicion: "" | "none" | "benign" | "premalignant" | "malignant_suspected";
  tracing?: "" | "normal" | "doubtful" | "abnormal";
  confidence: "" | "high" | "medium" | "low";
  in_person: { needed: boolean; with: "" | "requis" | "other"; delay_days?: number };
  slots?: OfferedSlot[];
  agreement_with_own_reading: "" | "full" | "partial" | "none" | "not_given";
  prescriptions: string;
  technical_incidents: string;
}
/** An appointment inside an opinion, as it was when it was signed. */
export interface OfferedSlot {
  id: string;
  starts_at?: string;
  place?: string;
  booking?: string;
}
export interface OwnSlot extends Required<OfferedSlot> {
  offered: boolean;
}
export interface OwnYear {
  year: number;
  asked: number;
  answered: number;
}
/** What a list shows of a patient; `age_band` before somebody of a pool accepts. */
export interface CaseBrief {
  id: string;
  reason: string;
  reason_words: string;
  sex: Sex;
  age: number | null;
  age_band: string | null;
}
export interface NotebookEntry {
  id: string;
  number: string;
  answered_at: string;
  reason_words: string;
  own_reading: string;
  conclusion: string;
  agreement: OpinionText["agreement_with_own_reading"];
  outcome: { result: string; text: string } | null;
}
/** What is on file about the reader, as far as the pages show it. */
export interface PersonRecord {
  version: number;
  person: { terms: ExpertTerms };
}
export interface ExpertTerms {
  max_weekly_cases?: number; // none: no limit
  digest_hours?: number[]; // none: one mail a case
  [other: string]: unknown; // given back as they are
}
export interface SignedOpinion {
  text: OpinionText;
  expert: Person;
  signed_at: string;
  released_at: string | null; // null: about to leave
  hash: string;
  corrects: string;
  urgent: boolean;
  needs_appointment: boolean;
}
export interface Contact {
  display_name: string;
  place: string;
  office_phone: string;
  mobile_phone: string;
  mail_address: string;
}
export interface DialogueEntry {
  kind: DialogueKind;
  author: Person;
  at: string;
  text: string | null;
  answers: Record<string, string | number> | null;
}
export interface CaseContent {
  request: CaseRequest;
  sensitive_photos: boolean;
  words: {
    reason: string;
    clinical: { name: string; label: string; value: string }[];
    red_flags: { code: string; sentence: string; answer: boolean }[];
    ins_qualified: boolean;
  };
  contacts: { requester: Contact | null; expert: Contact | null };
  dialogue: DialogueEntry[];
  draft: Partial<OpinionText> | null;
  opinion: SignedOpinion | null;
  corrected_opinions: { hash: string; signed_at: string; released_at: string }[];
  technical_incidents: { at: string; text: string }[];
}
/** What a pool that is asked openly sees before somebody accepts. */
export interface CodedRequest {
  age_band: string;
  sex: Sex;
  reason: string;
  reason_words: string;
}
export interface CaseAnswer {
  case: CaseFigures;
  content?: CaseContent;
  coded?: CodedRequest;
}
/** What a command answers; the same bytes when it is repeated with its key. */
export interface Receipt {
  case: Pick<CaseFigures, "id" | "number" | "state">;
}
export interface RoutingRound {
  at: string;
  considered: { expert: Person; chosen: boolean; excluded_because: string; score: number | null; why: string }[];
}

// ---- exams
export interface Finding {
  code: string;
  severity: "info" | "warning" | "error";
  text: string;
}
export type StatedMeasure =
  | "ventricular_rate_bpm" | "atrial_rate_bpm" | "rr_ms" | "pp_ms" | "p_duration_ms" | "pr_ms" | "qrs_ms" | "qt_ms"
  | "qtc_ms" | "p_axis_deg" | "qrs_axis_deg" | "t_axis_deg" | "pacemaker_spikes";
export interface EcgExam {
  kind: "ecg";
  acquired_at: string;
  device: { manufacturer: string; model: string };
  /** The three as the device states them, not verified. */
  filters: { high_pass_hz: number | null; low_pass_hz: number | null; notch_hz: number | null };
  measurements: Record<StatedMeasure, number | null> & { qtc_formula: string | null };
  statements: string[];
  statements_confirmed: boolean; // by a physician, the file says
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
  payer: string;
  tariff_id: string;
  rules: AppliedRule[];
}
/** A rule of billing that was looked at when the act was made. */
export interface AppliedRule {
  rule: string;
  verdict: "met" | "warned" | "refused";
  text: string;
}
