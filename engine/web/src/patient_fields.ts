// SPDX-License-Identifier: Apache-2.0
// Patient, information, consent and oppositions of a request, and the rules that the engine holds
// them against (engine/core/request_rules.cpp decides; said here before anything is sent).
import { html, nothing, type TemplateResult } from "lit";
import { kApi } from "./api";
import type { CaseRequest, Guardianship, InsStatus, NamedDoctor, Opposition, Programme, Sex } from "./api_types";
import { hasRightInsKey, startOf } from "./clinical";
import { checkField, radioField, selectField, textField, typedText, type Problem, type Problems } from "./fields";
import { t, type MessageId } from "./text";
import { ageOn } from "./time_left";

const kSexes: Sex[] = ["female", "male", "other", "unknown"];
const kInsStatuses: InsStatus[] = ["provisional", "retrieved", "validated", "qualified"];
const kGuardianships: Guardianship[] = ["none", "tutelle", "curatelle", "habilitation"];
const kOppositions: Opposition[] = ["exchange", "attending_physician", "citizen_mailbox", "teaching", "research"];
const kAuthorities = {
  nir: "1.2.250.1.213.1.4.8", nia: "1.2.250.1.213.1.4.9", test: "1.2.250.1.213.1.4.10", demo: "1.2.250.1.213.1.4.11",
} as const;
// Given by the INSi service alone.
const kFromService: InsStatus[] = ["retrieved", "qualified"];
const kMajority = 18;

type Start = (name: string) => string;

function identityFields(needed: boolean, start: Start, problems: Problems): TemplateResult {
  const plain = (name: string, label: MessageId): TemplateResult =>
    textField({ name, label: t(label), must: needed, value: start(name), problems });
  return html`<div class="pair">
    ${plain("patient.family_name", "web.patient.family_name")} ${plain("patient.given_name", "web.patient.given_name")}
    ${textField({ name: "patient.birth_date", label: t("web.patient.birth_date"), type: "date", must: needed, value: start("patient.birth_date"), problems })}
    ${selectField({
      name: "patient.sex", label: t("web.patient.sex"), must: needed, value: start("patient.sex"), problems,
      options: kSexes.map((code) => ({ code, label: t(`sex.${code}`) })),
    })}
    ${textField({ name: "patient_phone", label: t("web.patient.phone"), type: "tel", value: start("patient_phone"), problems })}
  </div>`;
}

function insFields(start: Start, problems: Problems): TemplateResult {
  return html`<details class="more" ?open=${start("ins.matricule") !== "" || problems.has("ins.matricule")}>
    <summary>${t("web.patient.ins_title")}</summary>
    <div class="pair">
      ${textField({ name: "ins.matricule", label: t("web.patient.ins"), mode: "text", most: 21, value: start("ins.matricule"), problems })}
      ${selectField({
        name: "ins.oid", label: t("web.patient.ins_authority"), value: start("ins.oid"), problems,
        options: Object.entries(kAuthorities).map(([name, code]) => ({ code, label: t(`web.ins.${name as keyof typeof kAuthorities}`) })),
      })}
      ${selectField({
        name: "ins.status", label: t("web.patient.ins_status"), value: start("ins.status"), problems,
        options: kInsStatuses.map((code) => ({ code, label: t(`web.ins_status.${code}`) })),
      })}
    </div>
    <p class="hint">${t("web.patient.ins_hint")}</p>
  </details>`;
}

const kDoctors = ["attending_physician", "acting_doctor"] as const;

/** Who treats the patient, who will act: they get the report. */
function doctorFields(start: Start, problems: Problems): TemplateResult {
  const names = kDoctors.flatMap((doctor) => [`${doctor}.name`, `${doctor}.address`]);
  return html`<details class="more" ?open=${names.some((name) => start(name) !== "" || problems.has(name))}>
    <summary>${t("web.doctors.title")}</summary>
    <p class="hint">${t("web.doctors.about")}</p>
    <div class="pair">
      ${kDoctors.map((doctor) => html`
        ${textField({ name: `${doctor}.name`, label: t(`web.doctors.${doctor}`), value: start(`${doctor}.name`), problems, hint: t(`web.doctors.${doctor}_hint`) })}
        ${textField({ name: `${doctor}.address`, label: t("web.doctors.address"), mode: "email", value: start(`${doctor}.address`), problems })}`)}
    </div>
  </details>`;
}

export function patientFields(needed: boolean, prior: CaseRequest | undefined, problems: Problems): TemplateResult {
  const start = (name: string): string => startOf(prior, name);
  return html`<div class="group">
    <h3>${t("web.request.patient")}</h3>
    ${needed ? nothing : html`<p class="hint">${t("web.request.patient_hint")}</p>`}
    ${identityFields(needed, start, problems)} ${insFields(start, problems)} ${doctorFields(start, problems)}
  </div>`;
}

/** What the rules turn on, from what is typed. */
export interface Capacity {
  minor: boolean;
  secret: boolean; // a minor keeps it from his parents
  guardianship: Guardianship;
  byOther: boolean; // a representative consents
}
export function capacityOf(data: FormData, today: string): Capacity {
  const age = ageOn(typedText(data, "patient.birth_date"), today);
  const minor = age !== undefined && age < kMajority;
  return {
    minor,
    secret: minor && typedText(data, "minor_secrecy") === "yes",
    guardianship: minor ? "none" : ((typedText(data, "guardianship") || "none") as Guardianship),
    byOther: typedText(data, "consent.given_by") === "representative",
  };
}
const isRepresented = ({ guardianship }: Capacity): boolean =>
  guardianship === "tutelle" || guardianship === "habilitation";

function representativeFields(capacity: Capacity, start: Start, problems: Problems): unknown {
  const named = capacity.byOther || isRepresented(capacity);
  const field = (name: string, label: MessageId, must: boolean): TemplateResult =>
    textField({ name, label: t(label), must, value: start(name), problems });
  return html`<div class="pair" ?hidden=${!named}>
      ${field("consent.representative_name", "web.consent.representative_name", named)}
      ${field("consent.representative_quality", "web.consent.representative_quality", named)}
    </div>
    <div class="pair" ?hidden=${!capacity.minor}>
      ${checkField({ name: "minor_secrecy", label: t("web.consent.minor_secrecy"), value: start("minor_secrecy"), problems })}
      <div ?hidden=${!capacity.secret}>${field("consent.accompanying_adult", "web.consent.accompanying_adult", capacity.secret)}</div>
    </div>
`;
}

/** What most requests do not need; open once there is something in it. */
function rarerFields(programme: Programme, capacity: Capacity, prior: CaseRequest | undefined, problems: Problems): TemplateResult {
  const start = (name: string): string => startOf(prior, name);
  const told = prior ? start("information.by") : "";
  const opposed = kOppositions.some((code) => start(`oppositions.${code}`) === "yes");
  const wrong = [...problems.keys()].some((name) => /^(oppositions\.|guardianship|information\.(by|text))/.test(name));
  return html`<details class="more" ?open=${told !== "" || opposed || wrong || capacity.guardianship !== "none"}>
    <summary>${t("web.consent.rarer")}</summary>
    <div class="pair">
      ${textField({ name: "information.by", label: t("web.consent.by"), value: told, hint: t("web.consent.by_hint"), problems })}
      ${textField({ name: "information.text_version", label: t("web.consent.text_version"), value: start("information.text_version") || programme.notice_version, hint: t("web.consent.text_version_hint"), problems })}
    </div>
    <div class="narrow" ?hidden=${capacity.minor}>
      ${selectField({
        name: "guardianship", label: t("web.consent.guardianship"), value: start("guardianship") || "none", problems, empty: t("web.guardianship.none"),
        options: kGuardianships.slice(1).map((code) => ({ code, label: t(`guardianship.${code as Exclude<Guardianship, "none">}`) })),
      })}
    </div>
    <fieldset>
      <legend>${t("web.consent.oppositions")}</legend>
      <div class="checks">
        ${kOppositions.map((code) =>
          checkField({ name: `oppositions.${code}`, label: t(`opposition.${code}`), value: start(`oppositions.${code}`), problems }),
        )}
      </div>
    </fieldset>
  </details>`;
}

export function consentFields(
  programme: Programme, capacity: Capacity, prior: CaseRequest | undefined, problems: Problems,
): TemplateResult {
  const start = (name: string): string => startOf(prior, name);
  const option = (code: string, id: MessageId): { code: string; label: string } => ({ code, label: t(id) });
  return html`<div class="group">
    <div class="title">
      <h3>${t("web.consent.title")}</h3>
      <a href="${kApi}/programmes/${programme.id}/notice" target="_blank" rel="noopener" data-action="notice">${t("web.consent.notice")}</a>
    </div>
    <p>${t("web.consent.about")}</p>
    <div class="pair">
      ${radioField({
        name: "information.form", label: t("web.consent.information"), must: true, value: start("information.form"), problems,
        options: [option("oral", "web.consent.oral"), option("written", "web.consent.written")],
      })}
      ${radioField({
        name: "consent.given_by", label: t("web.consent.given_by"), must: true, value: start("consent.given_by"), problems,
        options: [option("patient", "web.consent.patient"), option("representative", "web.consent.representative")],
      })}
    </div>
    ${representativeFields(capacity, start, problems)} ${rarerFields(programme, capacity, prior, problems)}
  </div>`;
}

/** The members of a request that these fields make. */
export function readPeople(
  data: FormData, capacity: Capacity, prior?: CaseRequest,
): Pick<CaseRequest, "patient" | "ins" | "patient_phone" | "information" | "consent" | "oppositions" | "minor_secrecy" | "guardianship" | "attending_physician" | "acting_doctor"> {
  const text = (name: string): string => typedText(data, name);
  const patient = {
    family_name: text("patient.family_name"), given_name: text("patient.given_name"),
    birth_date: text("patient.birth_date"), sex: (text("patient.sex") || "unknown") as Sex,
  };
  // Nothing typed: the identity that the tracing carries is meant.
  const named = patient.family_name !== "" || patient.given_name !== "" || patient.birth_date !== "";
  const status = (text("ins.status") || "provisional") as InsStatus;
  const ins = {
    matricule: text("ins.matricule").toUpperCase(), oid: text("ins.oid"), status, from_insi: kFromService.includes(status),
  };
  const doctor = (member: (typeof kDoctors)[number]): Partial<Record<typeof member, NamedDoctor>> => {
    const [name, address] = [text(`${member}.name`), text(`${member}.address`)];
    return name || address ? { [member]: { name, address } } : {};
  };
  return {
    ...(named ? { patient } : {}), ...doctor("attending_physician"), ...doctor("acting_doctor"),
    ...(ins.matricule ? { ins } : {}),
    patient_phone: text("patient_phone"),
    information: {
      form: text("information.form"), by: text("information.by"), text_version: text("information.text_version"),
      ...(prior?.information.at ? { at: prior.information.at } : {}),
    },
    consent: {
      given_by: text("consent.given_by"),
      representative_name: capacity.byOther || isRepresented(capacity) ? text("consent.representative_name") : "",
      representative_quality: capacity.byOther || isRepresented(capacity) ? text("consent.representative_quality") : "",
      accompanying_adult: capacity.secret ? text("consent.accompanying_adult") : "",
    },
    oppositions: Object.fromEntries(
      kOppositions.map((code) => [code, text(`oppositions.${code}`) === "yes"]),
    ) as Record<Opposition, boolean>,
    minor_secrecy: capacity.secret,
    guardianship: capacity.guardianship,
  };
}

/** What is wrong with them. `needed`: nothing that is sent carries the identity. */
export function peopleProblems(data: FormData, capacity: Capacity, needed: boolean, today: string): [string, Problem][] {
  const found: [string, Problem][] = [];
  const text = (name: string): string => typedText(data, name);
  const missing = (name: string, label: MessageId): void => {
    if (text(name) === "") found.push([name, { label: t(label), text: t("web.problem.missing") }]);
  };
  const wrong = (name: string, sentence: MessageId): void => {
    found.push([name, { label: "", text: t(sentence) }]);
  };
  const typed = ["patient.family_name", "patient.given_name", "patient.birth_date"].some((name) => text(name) !== "");
  if (needed || typed) {
    missing("patient.family_name", "web.patient.family_name");
    missing("patient.given_name", "web.patient.given_name");
    missing("patient.birth_date", "web.patient.birth_date");
    missing("patient.sex", "web.patient.sex");
  }
  if (text("patient.birth_date") > today) wrong("patient.birth_date", "web.problem.birth_date");
  if (text("ins.matricule") !== "") {
    if (!hasRightInsKey(text("ins.matricule"))) wrong("ins.matricule", "web.problem.ins");
    missing("ins.oid", "web.patient.ins_authority");
    missing("ins.status", "web.patient.ins_status");
  }
  missing("information.form", "web.consent.information");
  missing("consent.given_by", "web.consent.given_by");
  if (capacity.byOther || isRepresented(capacity)) {
    missing("consent.representative_name", "web.consent.representative_name");
    missing("consent.representative_quality", "web.consent.representative_quality");
  }
  if (capacity.secret) missing("consent.accompanying_adult", "web.consent.accompanying_adult");
  if (capacity.minor && !capacity.secret && text("consent.given_by") === "patient") {
    wrong("consent.given_by", "web.problem.minor");
  }
  if (capacity.secret && capacity.byOther) wrong("consent.given_by", "web.problem.secret");
  if (text("oppositions.exchange") === "yes") wrong("oppositions.exchange", "web.problem.exchange");
  return found;
}
