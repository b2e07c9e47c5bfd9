// SPDX-License-Identifier: Apache-2.0
// An exam that came without a request, as it is kept: sealed byte for byte, and what a list shows
// of it beside it, with a key of its own, which a master key wraps.
#pragma once

#include <string>

#include "engine/core/exam_intake.h"
#include "engine/core/key_ring.h"
#include "engine/core/ports.h"

namespace telavis {

/// What its holder sees in his tray.
struct ExamCard {
  std::string name;  // as the sender called the file
  std::string kind;  // "ecg", "photo", "document"; empty: it could not be read
  std::string format;
  std::string detail;  // "12 x 10.0 s"
  PatientIdentity patient;
  std::string recorded_at;  // ISO 8601 as the device wrote it; empty: it does not say
  std::string device_serial;
  std::vector<std::string> findings;  // codes
};
ExamCard card_of(const Exam& exam, std::string name);

/// By these the same exam is found again. BLAKE2b under subkeys of `lookup`: without it nobody can
/// tell whether a recording that he has is here.
std::string mark_of_bytes(const Key& lookup, ByteView bytes);
/// Of the instant of recording and of the samples of the leads I, II and V1 to V6, in microvolts:
/// the same for one recording in several formats, whatever else they say. Empty without an instant,
/// and when none of these leads is there.
std::string mark_of_recording(const Key& lookup, const Exam& exam);

/// Sets `wrapped_key`, `sealed_card` and `sealed`; the id stands already and does not change.
void seal_exam(ReceivedExam& exam, const KeyRing& ring, Random& random, ByteView file,
               const ExamCard& card);
/// With the key that is there. Errors: crypto_failed.
Result<void> reseal_card(ReceivedExam& exam, const KeyRing& ring, const ExamCard& card);
/// Errors: not_found (key and bytes are gone), crypto_failed.
Result<Bytes> open_exam(const ReceivedExam& exam, const KeyRing& ring);
Result<ExamCard> open_card(const ReceivedExam& exam, const KeyRing& ring);
/// The same key, wrapped by the newest master key. Errors: crypto_failed.
Result<Bytes> rewrapped_exam(const ReceivedKey& key, const KeyRing& ring, Random& random);

}  // namespace telavis
