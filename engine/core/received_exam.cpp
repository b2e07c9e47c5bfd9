// SPDX-License-Identifier: Apache-2.0
#include "engine/core/received_exam.h"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

#include "engine/core/lent_device.h"

namespace telavis {
namespace {

namespace json = boost::json;

constexpr std::size_t kExamMarkDigits = 32;  // 128 bits: no two exams of a country share one
constexpr double kNanovoltsPerMicrovolt = 1000;
// What every twelve-lead recording holds as recorded; the limb leads beside I and II are derived,
// and not every format carries them.
constexpr std::array kRecordedLeads = {LeadCode::I,  LeadCode::II, LeadCode::V1, LeadCode::V2,
                                       LeadCode::V3, LeadCode::V4, LeadCode::V5, LeadCode::V6};

std::string exam_key_binding(const std::string& id) {
  return "exam-key/" + id;
}
std::string file_binding(const std::string& id) {
  return "exam/" + id;
}
std::string card_binding(const std::string& id) {
  return "exam-card/" + id;
}

std::string mark(const Key& lookup, std::string_view purpose, const std::string& text) {
  return to_hex(derive_key(derive_key(lookup, purpose), text).view()).substr(0, kExamMarkDigits);
}

std::string card_json(const ExamCard& card) {
  json::array findings;
  for (const std::string& code : card.findings) findings.emplace_back(code);
  return json::serialize(json::object{{"name", card.name},
                                      {"kind", card.kind},
                                      {"format", card.format},
                                      {"detail", card.detail},
                                      {"id", card.patient.id},
                                      {"family_name", card.patient.family_name},
                                      {"given_name", card.patient.given_name},
                                      {"birth_date", card.patient.birth_date},
                                      {"sex", sex_name(card.patient.sex)},
                                      {"recorded_at", card.recorded_at},
                                      {"device_serial", card.device_serial},
                                      {"findings", std::move(findings)}});
}

Sex sex_of(std::string_view name) {
  for (const Sex sex : {Sex::male, Sex::female, Sex::other}) {
    if (sex_name(sex) == name) return sex;
  }
  return Sex::unknown;
}

/// What we wrote ourselves: names of files hold whatever a sender likes, so no rule of JsonReader.
Result<ExamCard> card_from(std::string_view text) {
  try {
    const json::object object = json::parse(text).as_object();
    const auto member = [&](const char* name) {
      return std::string(std::string_view(object.at(name).as_string()));
    };
    ExamCard card;
    card.name = member("name");
    card.kind = member("kind");
    card.format = member("format");
    card.detail = member("detail");
    card.patient = {member("id"), member("family_name"), member("given_name"), member("birth_date"),
                    sex_of(member("sex"))};
    card.recorded_at = member("recorded_at");
    card.device_serial = member("device_serial");
    for (const json::value& code : object.at("findings").as_array())
      card.findings.emplace_back(std::string_view(code.as_string()));
    return card;
  } catch (const std::exception&) {
    return fail(ErrorCode::storage_failed, "the card of a received exam is damaged");
  }
}

Result<Key> key_of(const ReceivedExam& exam, const KeyRing& ring) {
  if (exam.wrapped_key.empty()) {
    return fail(ErrorCode::not_found,
                "This exam is not here any more: a case has it, or it was discarded. Send it again "
                "when it is needed.");
  }
  return ring.unwrap(exam_key_binding(exam.id), exam.wrapped_key);
}

}  // namespace

ExamCard card_of(const Exam& exam, std::string name) {
  const ExamSummary summary = summary_of(exam);
  ExamCard card;
  card.name = std::move(name);
  card.kind = summary.kind;
  card.format = summary.format;
  card.detail = summary.detail;
  card.findings = summary.findings;
  card.device_serial = serial_of(exam);
  card.patient = std::visit([](const auto& any) { return any.patient; }, exam);
  card.recorded_at = std::visit([](const auto& any) { return any.acquired_at.iso8601(); }, exam);
  return card;
}

std::string mark_of_bytes(const Key& lookup, ByteView bytes) {
  return mark(lookup, "telavis/received-exam/bytes", hash_hex(bytes));
}

std::string mark_of_recording(const Key& lookup, const Exam& exam) {
  const auto* recording = std::get_if<EcgRecording>(&exam);
  if (recording == nullptr || recording->acquired_at.local.empty()) return {};
  Bytes samples;
  for (const LeadCode code : kRecordedLeads) {
    const Lead* lead = recording->lead(code);
    if (lead == nullptr || lead->derived || lead->samples.empty()) continue;
    samples.push_back(static_cast<std::uint8_t>(code));
    for (const std::int32_t sample : lead->samples) {
      const auto microvolts = static_cast<std::int64_t>(
          std::llround(sample * lead->gain_nv_per_lsb / kNanovoltsPerMicrovolt));
      for (int shift = 0; shift < 32; shift += 8)
        samples.push_back(static_cast<std::uint8_t>(microvolts >> shift));
    }
  }
  if (samples.empty()) return {};
  return mark(lookup, "telavis/received-exam/recording",
              recording->acquired_at.local + "/" + hash_hex(samples));
}

void seal_exam(ReceivedExam& exam, const KeyRing& ring, Random& random, ByteView file,
               const ExamCard& card) {
  const Key key = random_key(random);
  exam.wrapped_key = ring.wrap(random, exam_key_binding(exam.id), key);
  exam.sealed_card = seal_stream(key, card_binding(exam.id), as_bytes(card_json(card)));
  exam.sealed = seal_stream(key, file_binding(exam.id), file);
}

Result<void> reseal_card(ReceivedExam& exam, const KeyRing& ring, const ExamCard& card) {
  const auto key = key_of(exam, ring);
  if (!key) return tl::unexpected(key.error());
  exam.sealed_card = seal_stream(*key, card_binding(exam.id), as_bytes(card_json(card)));
  return {};
}

Result<Bytes> open_exam(const ReceivedExam& exam, const KeyRing& ring) {
  const auto key = key_of(exam, ring);
  if (!key) return tl::unexpected(key.error());
  return unseal_stream(*key, file_binding(exam.id), exam.sealed);
}

Result<ExamCard> open_card(const ReceivedExam& exam, const KeyRing& ring) {
  const auto key = key_of(exam, ring);
  if (!key) return tl::unexpected(key.error());
  const auto text = unseal_stream(*key, card_binding(exam.id), exam.sealed_card);
  if (!text) return tl::unexpected(text.error());
  return card_from(as_text(*text));
}

Result<Bytes> rewrapped_exam(const ReceivedKey& key, const KeyRing& ring, Random& random) {
  const auto plain = ring.unwrap(exam_key_binding(key.id), key.wrapped);
  if (!plain) return tl::unexpected(plain.error());
  return ring.wrap(random, exam_key_binding(key.id), *plain);
}

}  // namespace telavis
