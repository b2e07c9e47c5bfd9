// SPDX-License-Identifier: Apache-2.0
// What a requester asks: the JSON part of an upload, and the rules of what it must hold.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/clinical_form.h"
#include "engine/core/ids.h"
#include "engine/core/ins.h"
#include "engine/core/programme.h"
#include "engine/core/time.h"
#include "formats/recording.h"
#include "formats/result.h"

namespace telavis {

inline constexpr std::size_t kMaxTextBytes = 20'000;  // one clinical text; a long letter is 8,000
inline constexpr std::size_t kMaxRequestedExperts = 10;  // the nearby colleagues of a requester

/// The notice for patients that the engine ships (letters.h).
inline constexpr std::string_view kNoticeVersion = "telavis-2026-11";

/// What the patient, or who stands for him, was told before the request.
struct InformationGiven {
  std::string text_version;  // of the notice
  std::string by;            // user id, or words: "Mme Exemple, infirmière"
  std::string at;            // RFC 3339 instant
  std::string form;          // "oral" or "written"

  bool operator==(const InformationGiven&) const = default;
};

/// Who said yes. A bare `true` is no consent.
struct Consent {
  std::string given_by;                // "patient" or "representative"
  std::string representative_name;     // mandatory for a representative
  std::string representative_quality;  // "mother", "tuteur", ...: likewise
  std::string accompanying_adult;      // whom a minor chose, with `minor_secrecy`

  bool operator==(const Consent&) const = default;
};

/// What the patient does not want.
struct Oppositions {
  bool exchange = false;  // between professionals: then nothing can be asked
  bool attending_physician = false;
  bool citizen_mailbox = false;
  bool teaching = false;
  bool research = false;

  bool operator==(const Oppositions&) const = default;
};

/// Legal protection of an adult (Code civil): representation by a tuteur, assistance by a curateur,
/// a habilitation familiale.
enum class Guardianship { none, tutelle, curatelle, habilitation };
std::string_view guardianship_name(Guardianship guardianship);

/// A doctor outside the case, as the requester names him.
struct NamedDoctor {
  std::string name;     // words: "Dr Prénom Exemple, Le Moule"
  std::string address;  // of his secure mail; empty: nothing can be sent to him

  bool is_named() const { return !name.empty() || !address.empty(); }
  bool operator==(const NamedDoctor&) const = default;
};

/// An exam of the requester's tray that goes with the request.
struct TrayPick {
  std::string id;
  std::vector<std::string> confirmed;  // codes of to_confirm() (engine/core/exam_tray.h)
};

struct CaseRequest {
  ProgrammeId programme;
  PatientIdentity patient;  // `id` is the INS matricule when one is given
  InsIdentity ins;
  std::string patient_phone;
  std::string reason;       // coded, e.g. "rhythm_disorder", "suspicious_lesion"
  std::string question;     // mandatory
  std::string context;      // history, treatments, findings in free words
  std::string own_reading;  // the requester's own reading
  std::vector<ClinicalItem> clinical;
  std::map<std::string, bool> red_flags;  // the doctor's answers alone, by code
  std::string regulated_at;  // "14:05" local: "régulation faite à 14:05, avis maintenu"; or empty
  InformationGiven information;
  Consent consent;
  Oppositions oppositions;
  bool minor_secrecy = false;  // CSP L1111-5
  Guardianship guardianship = Guardianship::none;
  std::vector<UserId> requested_experts;
  std::string requested_group;
  NamedDoctor attending_physician;  // médecin traitant, where he is not the requester
  NamedDoctor acting_doctor;        // who will act, for a requester who is none (paramedical)
  /// The requester says that the patient was told what the opinion says: before, nothing of it goes
  /// to the patient's own mailbox.
  bool patient_informed = false;
  /// What each file shows, in their order; empty, or one a file. A tracing's is `unstated`.
  std::vector<PhotoRole> file_roles;
  /// They come behind the files. Never stored with the request.
  std::vector<TrayPick> tray;
};

/// Whether what no case goes on without (reason, question, information, consent) must be there.
/// missing_items() names what an unfinished request lacks of it.
enum class RequestShape { whole, unfinished };
/// Shape and types. Errors: malformed_request (not JSON), missing_field / invalid_field (names the
/// member, also an unknown one), consent_missing (no consent, or a bare `true`).
Result<CaseRequest> parse_case_request(std::string_view json,
                                       RequestShape shape = RequestShape::whole);
/// Canonical: members in a fixed order, so that equal requests have equal bytes.
std::string case_request_json(const CaseRequest& request);

/// What the sender left out of `information`: the engine's notice, the requester, now.
void fill_information(CaseRequest& request, const UserId& requester, Instant now);

/// Does the request belong to this programme? Errors: invalid_field: a reason that is not of its
/// list, a clinical item of another speciality, a red flag that is not on its list, a named expert
/// or group under another policy than `direct`, or both.
Result<void> check_against(const CaseRequest& request, const Programme& programme);

/// May the patient's data be sent? To be asked once the patient is known, by typing or by a file;
/// of an unfinished request that names no patient or no consent only the opposition is looked at.
/// - Opposition to the exchange between professionals: no request can be sent (CSP L1110-4).
/// - A minor (under 18 on the local date of `now`): a representative consents; with `minor_secrecy`
///   the minor himself, and the adult of his choice is named (CSP L1111-5).
/// - Tutelle, habilitation familiale: the person in charge of the protection is named, whether he
///   consents or the patient, who does so himself when he can (CSP L1111-4 as of October 2020).
/// - Curatelle: the patient consents, or the curateur is named as representative.
/// The articles are cited from memory: unverified; the reading of the association's lawyer wins.
/// Errors: consent_missing; invalid_field (a birth in the future, information given after `now`,
/// secrecy of a minor for an adult, guardianship of a minor, a wrong `information.at`);
/// configuration_invalid (time zone).
Result<void> check_consent(const CaseRequest& request, const Programme& programme, Instant now);

/// Dotted names of what keeps the request from being complete: "patient", "reason", "question",
/// "information", "consent" of an unfinished one, mandatory items of the form
/// ("vitals.heart_rate_bpm") and red flags without an answer ("red_flag.shock"), in the order of
/// the programme. Empty: complete.
std::vector<std::string> missing_items(const CaseRequest& request, const Programme& programme);

/// Professions whose members act upon an opinion themselves (CSP, fourth part, book I: doctors,
/// dentists, midwives). Anybody else names the doctor who will: "acting_doctor" is missing
/// otherwise.
bool acts_upon_opinions(std::string_view profession);

/// Where the doctor's own answers lead: "15_now" wins over "in_person_today"; empty when no flag is
/// yes, or when the regulation was called and the opinion is still wanted.
std::string redirect_exit(const CaseRequest& request, const Programme& programme);

/// Whole years at `local_date`, -1 when one of the dates does not exist or the birth comes after.
int age_in_years(std::string_view birth_date, std::string_view local_date);
/// "0-2", "3-11", "12-17", "18-29", then by decades, "90+"; empty when the age is unknown.
std::string age_band(std::string_view birth_date, std::string_view local_date);

}  // namespace telavis
