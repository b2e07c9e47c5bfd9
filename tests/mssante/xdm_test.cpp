// SPDX-License-Identifier: Apache-2.0
// Archives written by us: read back by us, and by python3, which knows nothing of us.
#include "mssante/xdm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string>

#include "formats/zip.h"
#include "tests/mssante/made_submissions.h"
#include "tests/shared_samples.h"
#include "tests/temp_folder.h"

namespace telavis {
namespace {

namespace fs = std::filesystem;

std::string codes(const std::vector<CdaFinding>& findings) {
  std::string all;
  for (const CdaFinding& finding : findings) all += (all.empty() ? "" : " ") + finding.code;
  return all;
}

void write(const fs::path& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

std::string person_line(const char* key, const CdaPerson& person) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", key, person.rpps, person.family, person.given,
                     person.organization.name, person.organization.id, person.profession_code);
}

/// What the independent check compares with: the values, none of their XDS forms.
std::string meant(const XdmSubmission& submission) {
  const CdaPatient& patient = submission.documents[0].meta.patient;
  std::string given;
  for (const std::string& one : patient.birth_given) given += (given.empty() ? "" : "\x1F") + one;
  std::string out = fmt::format(
      "at_ms\t{}\nunique_id\t{}\nsource_id\t{}\ncontent_type\t{}\nins\t{}\t{}\nlocal\t{}\t{}\n"
      "birth_family\t{}\nused_family\t{}\ngiven\t{}\nsex\t{}\nbirth\t{}\nplace\t{}\n",
      to_epoch_ms(submission.at), submission.unique_id, submission.source_id,
      submission.content_type_code, patient.ins.matricule, patient.ins.oid, patient.local_id,
      patient.local_id_root, patient.birth_family, patient.used_family, given, patient.sex,
      patient.birth_date, patient.birth_place_insee);
  out += person_line("author", submission.author);
  for (const XdmDocument& document : submission.documents) {
    const CdaDocument& meta = document.meta;
    out += fmt::format(
        "document\nkind\t{}\nid\t{}{}{}\ntitle\t{}\neffective\t{}\nlow\t{}\nhigh\t{}\nversion\t{}\n"
        "sector\t{}\nconfidentiality\t{}\nservice\t{}\nreplaces\t{}\nsigner\t{}\t{}\t{}\n",
        cda_kind_name(meta.kind), meta.id_root, meta.id_extension.empty() ? "" : "^",
        meta.id_extension, meta.title, meta.effective_time, meta.service_time_low,
        meta.service_time_high, meta.version, meta.encounter.sector, meta.confidentiality,
        meta.service_code, meta.replaces_root, meta.legal_authenticator.rpps,
        meta.legal_authenticator.family, meta.legal_authenticator.given);
    out += person_line("author", meta.author);
  }
  return out;
}

int submissions_asked_for() {
  constexpr int kShort = 40;
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* asked = std::getenv("TELAVIS_XDM_SUBMISSIONS");
  if (asked == nullptr) return kShort;
  int count = kShort;
  const std::string_view text = asked;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

TEST(Xdm, RandomSubmissionsAreReadBackAsWrittenByUsAndByOthers) {
  const test::TempFolder folder;
  const int count = submissions_asked_for();
  for (int seed = 0; seed < count; ++seed) {
    const XdmSubmission submission = test::random_submission(static_cast<unsigned>(seed));
    const auto archive = write_xdm(submission);
    ASSERT_TRUE(archive) << seed << ": " << archive.error().text;
    ASSERT_EQ(*archive, write_xdm(submission).value()) << "the same gives the same";
    std::vector<CdaFinding> findings;
    const auto reading = read_xdm(*archive, findings);
    ASSERT_TRUE(reading) << seed << ": " << reading.error().text;
    const bool has_ins = !submission.documents[0].meta.patient.ins.matricule.empty();
    ASSERT_EQ(codes(findings), has_ins ? "ins_test" : "ins_absent") << seed;
    ASSERT_EQ(reading->metadata, xdm_metadata(submission).value()) << seed;
    ASSERT_EQ(reading->documents.size(), submission.documents.size());
    for (std::size_t i = 0; i < reading->documents.size(); ++i) {
      ASSERT_EQ(reading->documents[i], submission.documents[i].cda);
      std::vector<CdaFinding> compared;
      check_xdm_document(reading->metadata.entries[i], submission.documents[i].meta, compared);
      ASSERT_EQ(codes(compared), "") << seed;
    }
    const std::string name = fmt::format("{:05}", seed);
    write(folder.path() / (name + ".zip"), *archive);
    write(folder.path() / (name + ".txt"), as_bytes(meant(submission)));
  }
  std::string command =
      "python3 " TELAVIS_SOURCE_DIR "/tests/mssante/check_xdm.py '" + folder.path().string() + "'";
  const fs::path schema = test::shared_folder() / "conformance/ebrs30/ebRS30/lcm.xsd";
  if (fs::exists(schema)) {
    command += " '" + schema.string() + "'";
  } else {
    std::puts("no ebRS schema beside the project: METADATA.XML is not validated");
  }
  EXPECT_EQ(std::system(command.c_str()), 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

TEST(Xdm, TimesBecomeUtcWithTheirDate) {
  const auto metadata = xdm_metadata(test::plain_submission()).value();
  EXPECT_EQ(metadata.submission_time, "20260101010000");
  EXPECT_EQ(metadata.entries[0].creation_time, "20251231233000");
  EXPECT_EQ(metadata.entries[0].service_start, "20251231230000");
}

TEST(Xdm, ALaterVersionNamesTheEntryThatItReplaces) {
  XdmSubmission first = test::plain_submission();
  XdmSubmission second = first;
  second.unique_id = "1.2.250.1.999.1.5.78";
  CdaDocument& meta = second.documents[0].meta;
  meta.id_root = "1.2.250.1.999.1.2.78";
  meta.version = 2;
  meta.replaces_root = first.documents[0].meta.id_root;
  const XdmEntry before = xdm_metadata(first).value().entries[0];
  const XdmEntry after = xdm_metadata(second).value().entries[0];
  EXPECT_EQ(after.replaces, before.entry_uuid);
  EXPECT_EQ(after.logical_id, before.logical_id);
  EXPECT_NE(after.entry_uuid, before.entry_uuid);
  std::vector<CdaFinding> findings;
  const auto reading = read_xdm(write_xdm(second).value(), findings);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->metadata.entries[0].replaces, before.entry_uuid);
  EXPECT_EQ(reading->metadata.entries[0].version, 2);
}

TEST(Xdm, WritesNothingThatAReaderWouldRefuse) {
  using enum ErrorCode;
  const auto refused = [](const auto& change) {
    XdmSubmission submission = test::plain_submission();
    change(submission);
    const auto archive = write_xdm(submission);
    EXPECT_FALSE(archive);
    return archive ? internal : archive.error().code;
  };
  using S = XdmSubmission&;
  EXPECT_EQ(refused([](S s) { s.documents.clear(); }), invalid_field);
  EXPECT_EQ(refused([](S s) { s.unique_id = "77"; }), invalid_field);
  EXPECT_EQ(refused([](S s) { s.source_id = "1.2.03"; }), invalid_field);
  EXPECT_EQ(refused([](S s) { s.content_type_code = "zz"; }), invalid_field);
  EXPECT_EQ(refused([](S s) { s.author.rpps.clear(); }), missing_field);
  EXPECT_EQ(refused([](S s) { s.documents.push_back(s.documents[0]); }), invalid_field);
  EXPECT_EQ(refused([](S s) {
              s.documents.push_back(s.documents[0]);
              s.documents[1].meta.id_root = "1.2.3";
              s.documents[1].meta.patient.ins.matricule = test::made_matricule(1);
            }),
            invalid_field);
  const auto in_document = [&](const auto& change) {
    return refused([&](S s) { change(s.documents[0]); });
  };
  using D = XdmDocument&;
  EXPECT_EQ(in_document([](D d) { d.cda = {1, 2, 3}; }), invalid_field);
  EXPECT_EQ(in_document([](D d) { d.meta.confidentiality = "X"; }), invalid_field);
  EXPECT_EQ(in_document([](D d) { d.meta.effective_time = "20260101003000"; }), invalid_field);
  EXPECT_EQ(in_document([](D d) { d.meta.effective_time.clear(); }), missing_field);
  EXPECT_EQ(in_document([](D d) { d.meta.title.clear(); }), missing_field);
  EXPECT_EQ(in_document([](D d) { d.meta.encounter.sector.clear(); }), missing_field);
  EXPECT_EQ(in_document([](D d) { d.meta.performer = {}; }), missing_field);
  EXPECT_EQ(in_document([](D d) { d.meta.legal_authenticator = {}; }), missing_field);
  EXPECT_EQ(in_document([](D d) {
              d.meta.patient.ins = {};
              d.meta.patient.local_id.clear();
            }),
            missing_field);
  EXPECT_EQ(in_document([](D d) { d.meta.title = std::string(1025, 'x'); }), limit_exceeded);
}

TEST(Xdm, LongNamesAreCutToWhatMetadataHold) {
  XdmSubmission submission = test::plain_submission();
  CdaDocument& meta = submission.documents[0].meta;
  meta.author.family = std::string(300, '^');
  meta.author.given = std::string(300, '&');
  meta.author.organization.name = std::string(400, '\\');
  meta.patient.birth_family = std::string(300, '|');
  meta.patient.birth_given = std::vector<std::string>(30, "\u00c9L\u00c9ONORE");
  const auto archive = write_xdm(submission);
  ASSERT_TRUE(archive) << archive.error().text;
  std::vector<CdaFinding> findings;
  EXPECT_TRUE(read_xdm(*archive, findings));
}

TEST(Xdm, ADocumentOfAnotherPatientIsSeen) {
  const XdmSubmission submission = test::plain_submission();
  const XdmEntry entry = xdm_metadata(submission).value().entries[0];
  const auto found = [&](const auto& change) {
    CdaDocument document = submission.documents[0].meta;
    change(document);
    std::vector<CdaFinding> findings;
    check_xdm_document(entry, document, findings);
    return codes(findings);
  };
  using D = CdaDocument&;
  EXPECT_EQ(found([](D) {}), "");
  EXPECT_EQ(found([](D d) { d.patient.ins.matricule = test::made_matricule(9); }),
            "patient_mismatch");
  EXPECT_EQ(found([](D d) { d.patient.ins.oid = "1.2.250.1.213.1.4.8"; }), "patient_mismatch");
  EXPECT_EQ(found([](D d) { d.patient.birth_date = "1979-03-29"; }), "patient_mismatch");
  EXPECT_EQ(found([](D d) { d.id_root = "1.2.9"; }), "unique_id_mismatch");
  EXPECT_EQ(found([](D d) { d.kind = CdaKind::tlm_cr; }), "type_mismatch");
}

TEST(Xdm, ReadsTheArchiveThatSomebodyElseMade) {
  const fs::path file = test::shared_folder() / "conformance/xdm/IHE_XDM.ZIP";
  if (!fs::exists(file)) GTEST_SKIP() << "no conformance folder beside the project";
  std::ifstream in(file, std::ios::binary);
  const Bytes archive{std::istreambuf_iterator<char>(in), {}};
  std::vector<CdaFinding> findings;
  const auto reading = read_xdm(archive, findings);
  ASSERT_TRUE(reading) << reading.error().text;
  // It has no logicalID, and the patient is one of the test domain.
  EXPECT_EQ(codes(findings), "metadata_incomplete ins_test");
  const XdmEntry& entry = reading->metadata.entries.at(0);
  EXPECT_EQ(entry.uri, "DOC00001.XML");
  EXPECT_EQ(entry.creation_time, "20210327143500");
  EXPECT_EQ(entry.type_code.code, "75496-0");
  EXPECT_EQ(entry.author.person,
            "801234567897^VACQUIER^Bernard^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS");
  EXPECT_EQ(entry.source_patient_info.size(), 4U);
  EXPECT_EQ(reading->metadata.content_type.code, "07");
}

}  // namespace
}  // namespace telavis
