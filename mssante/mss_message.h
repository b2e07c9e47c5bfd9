// SPDX-License-Identifier: Apache-2.0
// Mails that carry a patient's documents through MSSanté: IHE_XDM.zip and a PDF/A-1 for each
// document in it. Rules ECO.* as in mss_profile.h.
#pragma once

#include <string>
#include <vector>

#include "engine/core/ins.h"
#include "engine/core/service_ports.h"
#include "formats/bytes.h"
#include "formats/result.h"
#include "mssante/mss_profile.h"

namespace telavis {

/// Who a mail is about: one patient a message (ECO.2.1.1). Birth names, as the INS has them.
struct MssPatient {
  InsIdentity ins;
  std::string family;
  std::string given;       // the first one
  std::string birth_date;  // ISO, or empty
  std::string sex;         // "M", "F", "U"
};

/// The matricule may leave: identity qualified, with its four traits, of an authority for real
/// people, or for tests where the profile says that there are only such.
bool has_sendable_ins(const MssPatient& patient, const MssProfile& profile);

/// The patient's own box in Mon espace santé (ECO.2.2.6): "<matricule>@<citizen_domain>", a minor's
/// too. Errors: forbidden (no INS that may leave).
Result<std::string> citizen_address(const MssPatient& patient, const MssProfile& profile);

struct MssSender {
  MailboxType type = MailboxType::organisation;
  std::string address;
  std::string title, given, family, entity;  // of a personal mailbox
  std::string label;                         // of any other: what it is for
};
/// ECO.2.2.7: "<Titre>_<Prénom>_<NOM>_<Entité>", or the functional label.
std::string sender_label(const MssSender& sender);

/// One CDA of the XDM and the PDF/A-1 made from it (ECO.2.1.5).
struct MssDocument {
  std::string code;         // ClinicalDocument/code: "85208-7"
  std::string label;        // "Compte rendu de téléexpertise"
  std::string act_date;     // ISO
  std::string case_number;  // or empty
  Bytes pdf;
};
/// ECO.2.1.6: "20220531_CR_d_imagerie_medicale_CORSE_FIGATELLIX_<number>.pdf"; ASCII, each accent
/// taken off, "_" for whatever is neither letter, digit nor "-".
std::string pdf_name(const MssDocument& document, const MssPatient& patient);

enum class MssAudience { professional, citizen };

struct MssMessage {
  std::string message_id;  // without brackets, as the others
  std::string in_reply_to;
  std::vector<std::string> references;
  Instant date;
  MssSender from;
  std::string to;
  MssAudience audience = MssAudience::professional;
  MssPatient patient;
  std::vector<MssDocument> documents;  // the first one gives the subject its label
  Bytes xdm;
  std::string text;  // what the sender says; the engine's own sentences are added
  /// Tracings and photos as they came. Those marked dispensable are left out of a mail that would
  /// be too large, the last ones first, and the text says which.
  std::vector<MailDraft::Attachment> originals;
  bool replaces = false;            // the message `in_reply_to` names: "[Annule et remplace]"
  bool read_receipt = false;        // asked of a professional
  bool patient_informed = false;    // the requester says so: nothing goes to a citizen before
  std::string auto_submitted = {};  // as MailDraft's; empty: a person wrote it
};

/// The mail's bytes, as write_mime() makes them. A delivery notice (ECO.2.3.1) is asked for in the
/// envelope, by the transport. Errors: invalid_field, missing_field, forbidden (a citizen's box
/// that may not be written to, or that is not the patient's), limit_exceeded, mail_failed.
Result<Bytes> compose_mss(const MssMessage& message, const MssProfile& profile);

/// Which of the three codes of masking a transmission carries.
struct MssMasking {
  bool masked_to_professionals = false;       // MASQUE_PS
  bool invisible_to_patient = false;          // INVISIBLE_PATIENT
  bool invisible_to_representatives = false;  // INVISIBLE_REP_LEGAUX

  bool operator==(const MssMasking&) const = default;
};
struct MssDestinations {
  bool professionals = false;  // DESTMSSANTEPS
  bool patient = false;        // DESTMSSANTEPAT
};
/// The matrix of the "Volet transmission d'un document CDA-R2", management rules for MSSanté (copy
/// of 2026), with neither DMP nor secret connection: what it does not list is an error.
bool masking_allows(const MssMasking& masking, const MssDestinations& destinations);
/// The codes for a transmission. Until the requester has said that the patient was told, he does
/// not see the document. A minor's secret keeps his representatives out; his professionals are then
/// written to apart. Errors: forbidden (the patient was not told; or the matrix has no such row).
Result<MssMasking> masking_for(const MssDestinations& destinations, bool patient_informed,
                               bool minor_secrecy);
/// Codes of those that are set, for the metadata's confidentialityCode (JDV_J08 of 2020-04-24,
/// which spells out what the matrix calls INVISIBLE_REP_LEGAUX).
std::vector<std::string> masking_codes(const MssMasking& masking);

}  // namespace telavis
