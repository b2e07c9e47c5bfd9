// SPDX-License-Identifier: Apache-2.0
// Archives and metadata that must not be taken, each refused with its own code.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "formats/zip.h"
#include "mssante/sha1.h"
#include "mssante/xdm.h"
#include "tests/formats/hostile.h"
#include "tests/formats/raw_zip.h"
#include "tests/mssante/made_submissions.h"

namespace telavis {
namespace {

using test::RawZipFile;

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

/// Codes of what rejects; each refusal says what to do, and the error says the first.
std::string rejected_by(const Result<void>& outcome, const std::vector<CdaFinding>& findings) {
  std::string rejecting, first;
  for (const CdaFinding& finding : findings) {
    EXPECT_FALSE(finding.text.empty()) << finding.code;
    if (finding.severity != CdaSeverity::reject) continue;
    if (first.empty()) first = finding.text;
    rejecting += (rejecting.empty() ? "" : " ") + finding.code;
  }
  EXPECT_EQ(outcome.has_value(), rejecting.empty());
  if (!outcome) {
    EXPECT_EQ(outcome.error().code, ErrorCode::malformed_file);
    EXPECT_EQ(outcome.error().text, first);
  }
  return rejecting;
}

std::string refusals(const Bytes& archive) {
  std::vector<CdaFinding> findings;
  const auto reading = read_xdm(archive, findings);
  return rejected_by(reading.map([](const XdmReading&) {}), findings);
}

std::string refusals_of_metadata(const std::string& metadata,
                                 std::vector<CdaFinding>* found = nullptr) {
  std::vector<CdaFinding> findings;
  const auto read = read_xdm_metadata(as_bytes(metadata), findings);
  if (found != nullptr) *found = findings;
  return rejected_by(read.map([](const XdmMetadata&) {}), findings);
}

/// The files of an archive that is taken, to be spoilt.
std::vector<RawZipFile> sound_files() {
  const auto archive = write_xdm(test::plain_submission()).value();
  const auto reader = ZipReader::open(archive, 10).value();
  std::vector<RawZipFile> files;
  for (std::size_t i = 0; i < reader.members().size(); ++i) {
    files.push_back({.name = reader.members()[i].name, .packed = reader.read(i).value()});
  }
  return files;
}
constexpr std::size_t kMetadataFile = 2, kDocumentFile = 3;

std::string spoilt(const std::function<void(std::vector<RawZipFile>&)>& change) {
  std::vector<RawZipFile> files = sound_files();
  change(files);
  return refusals(test::raw_zip(files));
}
using Files = std::vector<RawZipFile>&;

TEST(XdmHostile, ASoundArchiveIsTakenWhateverTheCaseOfItsNames) {
  EXPECT_EQ(spoilt([](Files) {}), "");
  EXPECT_EQ(spoilt([](Files files) {
              for (RawZipFile& file : files) {
                for (char& c : file.name) {
                  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
                }
              }
            }),
            "");
  EXPECT_EQ(spoilt([](Files files) { files[kDocumentFile].name[0] = 'i'; }), "");
  EXPECT_EQ(spoilt([](Files files) {  // as some programs of Windows write them
              files[kDocumentFile].name = "IHE_XDM\\SUBSET01\\DOC0001.XML";
            }),
            "");
  EXPECT_EQ(spoilt([](Files files) {
              files.push_back({.name = "IHE_XDM/", .packed = {}});
              files.push_back({.name = "STYLE.XSL", .packed = bytes_of("<a/>")});
            }),
            "");
}

TEST(XdmHostile, NamesThatLeaveTheArchive) {
  for (const char* name : {"../evil.sh", "/etc/cron.d/x", "a/../../b", "C:\\x.exe", "..\\x", "a//b",
                           "IHE_XDM/SUBSET01/./x"}) {
    EXPECT_EQ(
        spoilt([&](Files files) { files.push_back({.name = name, .packed = bytes_of("x")}); }),
        "unsafe_path")
        << name;
  }
}

TEST(XdmHostile, EncryptedFilesLinksAndDoubles) {
  EXPECT_EQ(spoilt([](Files files) { files[kDocumentFile].flags = 1; }), "encrypted_file");
  EXPECT_EQ(spoilt([](Files files) {
              files[kDocumentFile].attributes = 0120777U << 16;
              files[kDocumentFile].packed = bytes_of("/etc/passwd");
            }),
            "special_file");
  EXPECT_EQ(spoilt([](Files files) {
              files.push_back(files[kDocumentFile]);
              files.back().name = "ihe_xdm/Subset01/doc0001.xml";
              files.back().packed = bytes_of("<other/>");
            }),
            "duplicate_file");
}

TEST(XdmHostile, Bombs) {
  // 80 MB of zeros in one file of 80 kB, and in many.
  std::vector<ZipEntry> one = {{"IHE_XDM/SUBSET01/METADATA.XML", Bytes(80U << 20)}};
  const auto packed = write_zip(one).value();
  EXPECT_LT(packed.size(), 200'000U);
  EXPECT_EQ(refusals(packed), "archive_bomb");
  EXPECT_EQ(spoilt([](Files files) {  // sizes whose sum wraps round
              for (int i = 0; i < 4; ++i) {
                files.push_back({.name = "B" + std::to_string(i),
                                 .packed = test::stored_deflate(bytes_of("x")),
                                 .unpacked = bytes_of("x"),
                                 .size = 0xFFFFFF00U,
                                 .method = 8});
              }
            }),
            "archive_bomb");
  EXPECT_EQ(spoilt([](Files files) {  // says 4 bytes and has 60,000
              const Bytes large(60'000, 'a');
              files.push_back({.name = "IHE_XDM/SUBSET01/X.XML",
                               .packed = test::stored_deflate(large),
                               .unpacked = large,
                               .size = 4,
                               .method = 8});
            }),
            "archive_unreadable");
  EXPECT_EQ(spoilt([](Files files) {
              for (int i = 0; i < 400; ++i) {
                files.push_back({.name = "F" + std::to_string(i), .packed = {}});
              }
            }),
            "too_many_files");
  EXPECT_EQ(refusals(Bytes(kMaxXdmArchiveBytes + 1)), "archive_too_large");
}

TEST(XdmHostile, ArchivesWithinArchives) {
  const Bytes inner = write_zip({{"a", bytes_of("b")}}).value();
  for (const Bytes& nested : {inner, bytes_of("\x1F\x8B\x08 gzip"), bytes_of("7z\xBC\xAF\x27\x1C"),
                              bytes_of("Rar!\x1A\x07")}) {
    EXPECT_EQ(spoilt([&](Files files) {
                files.push_back({.name = "IHE_XDM/SUBSET01/MORE.DAT", .packed = nested});
              }),
              "nested_archive");
  }
}

TEST(XdmHostile, ArchivesThatAreNone) {
  EXPECT_EQ(refusals({}), "archive_unreadable");
  EXPECT_EQ(refusals(bytes_of("PK\x03\x04 and no more")), "archive_unreadable");
  EXPECT_EQ(refusals(write_zip({{"photo.jpg", bytes_of("x")}}).value()), "metadata_absent");
  EXPECT_EQ(spoilt([](Files files) { files[kMetadataFile].name = "METADATA.XML"; }),
            "metadata_absent");
  EXPECT_EQ(spoilt([](Files files) {
              files.push_back(files[kMetadataFile]);
              files.back().name = "IHE_XDM/SUBSET02/METADATA.XML";
            }),
            "several_subsets");
  EXPECT_FALSE(looks_like_xdm(write_zip({{"photo.jpg", bytes_of("x")}}).value()));
  EXPECT_TRUE(looks_like_xdm(test::raw_zip(sound_files())));
}

TEST(XdmHostile, DocumentsThatAreNotWhatMetadataSay) {
  EXPECT_EQ(spoilt([](Files files) { files.pop_back(); }), "document_absent");
  EXPECT_EQ(spoilt([](Files files) { files[kDocumentFile].packed.push_back(' '); }),
            "size_mismatch");
  EXPECT_EQ(spoilt([](Files files) { files[kDocumentFile].packed.back() ^= 1; }), "hash_mismatch");
  EXPECT_EQ(spoilt([](Files files) { files[kMetadataFile].packed.resize(500); }),
            "metadata_unreadable");
}

TEST(XdmHostile, EveryTruncationAndEveryChangedByte) {
  XdmSubmission submission = test::plain_submission();
  const Bytes archive = write_xdm(submission).value();
  const Bytes cda = submission.documents[0].cda;
  test::hostile(archive, [&](const Bytes& bytes) {
    std::vector<CdaFinding> findings;
    const auto reading = read_xdm(bytes, findings);
    EXPECT_TRUE(!reading || reading->documents.at(0) == cda);
    return reading ? 1 : 0;
  });
}

// ---- METADATA.XML -------------------------------------------------------------------------------

std::string sound_metadata() {
  const auto metadata = xdm_metadata(test::plain_submission()).value();
  return std::string(as_text(write_xdm_metadata(metadata).value()));
}

/// Every `from` of a METADATA.XML that is taken becomes `to`.
std::string with(std::string_view from, std::string_view to) {
  std::string text = sound_metadata();
  std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  for (; at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string flags_of(const std::string& metadata) {
  std::vector<CdaFinding> findings;
  EXPECT_EQ(refusals_of_metadata(metadata, &findings), "");
  std::string flags;
  for (const CdaFinding& finding : findings) {
    if (finding.code != "ins_test") flags += (flags.empty() ? "" : " ") + finding.code;
  }
  return flags;
}

TEST(XdmMetadataHostile, WhatIsNoMetadata) {
  EXPECT_EQ(refusals_of_metadata(""), "metadata_unreadable");
  EXPECT_EQ(refusals_of_metadata("<ClinicalDocument/>"), "metadata_unreadable");
  EXPECT_EQ(refusals_of_metadata(std::string(kMaxXdmMetadataBytes + 1, ' ')),
            "metadata_unreadable");
  EXPECT_EQ(refusals_of_metadata("<SubmitObjectsRequest/>"), "no_submission_set");
  EXPECT_EQ(refusals_of_metadata("<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]>"
                                 "<SubmitObjectsRequest>&c;</SubmitObjectsRequest>"),
            "metadata_unreadable");
  EXPECT_EQ(refusals_of_metadata(with("a54d6aa5-d40d", "00000000-d40d")), "no_submission_set");
  const std::string text = sound_metadata();
  const std::size_t begin = text.find("<RegistryPackage");
  const std::size_t end = text.find("</RegistryPackage>") + 18;
  std::string twice = text;
  twice.insert(end, text.substr(begin, end - begin));
  EXPECT_EQ(refusals_of_metadata(twice), "several_submission_sets");
}

TEST(XdmMetadataHostile, WhatADocumentIsFoundByMustBeThere) {
  const auto lost = [](std::string_view slot) {
    return refusals_of_metadata(with(slot, "x" + std::string(slot)));
  };
  EXPECT_EQ(lost("URI"), "metadata_missing");
  EXPECT_EQ(lost("hash"), "metadata_missing");
  EXPECT_EQ(lost("size"), "metadata_missing");
  EXPECT_EQ(lost("58a6f841"), "metadata_missing several_patients");
  EXPECT_EQ(lost("2e82c1f6"), "metadata_missing");
  EXPECT_EQ(lost("96fdda7c"), "metadata_missing");
  for (const char* mandatory :
       {"creationTime", "languageCode", "legalAuthenticator", "serviceStartTime", "sourcePatientId",
        "authorPerson", "41a5887f", "f4f85eac", "a09d5840", "f33fb8ac", "cccf5598", "f0306f51",
        "554ac39e", "aa543740", "submissionTime"}) {
    EXPECT_EQ(flags_of(with(mandatory, "x" + std::string(mandatory))).substr(0, 19),
              "metadata_incomplete")
        << mandatory;
  }
}

TEST(XdmMetadataHostile, Patients) {
  const std::string ins = test::made_matricule(215'189);
  const std::string other = test::made_matricule(7);
  // Only the first of the two that are written: the document's.
  std::string text = sound_metadata();
  text.replace(text.find("value=\"" + ins), 7 + ins.size(), "value=\"" + other);
  EXPECT_EQ(refusals_of_metadata(text), "several_patients");
  EXPECT_EQ(refusals_of_metadata(with(ins, ins.substr(0, 14) + (ins[14] == '1' ? "2" : "1"))),
            "ins_key_wrong");
  EXPECT_EQ(refusals_of_metadata(with("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.7")),
            "ins_oid_unknown");
  EXPECT_EQ(refusals_of_metadata(with("^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH", "")),
            "patient_id_malformed");
  EXPECT_EQ(flags_of(with("1.2.250.1.213.1.4.10&amp;ISO^NH", "1.2.3.4&amp;ISO^PI")), "ins_absent");
}

TEST(XdmMetadataHostile, PathsHashesTimesAndOthers) {
  for (const char* uri : {"../DOC0001.XML", "/DOC0001.XML", "http://evil.test/x", "a\\b", "c:x"}) {
    EXPECT_EQ(refusals_of_metadata(with(">DOC0001.XML<", ">" + std::string(uri) + "<")),
              "document_uri")
        << uri;
  }
  const std::string hash = sha1_hex(test::plain_submission().documents[0].cda);
  EXPECT_EQ(refusals_of_metadata(with(hash, hash.substr(1))), "hash_malformed");
  EXPECT_EQ(refusals_of_metadata(with(hash, "Z" + hash.substr(1))), "hash_malformed");
  EXPECT_EQ(flags_of(with("20251231233000", "20260101003000+0100")), "time_not_utc");
  EXPECT_EQ(flags_of(with("20251231233000", "20251331233000")), "time_not_utc metadata_incomplete");
  EXPECT_EQ(flags_of(with(":HasMember", ":Other")), "document_not_in_set");
  EXPECT_EQ(flags_of(with("mimeType=\"text/xml\"", "mimeType=\"application/pdf\"")),
            "document_type");
  std::string text = sound_metadata();
  const std::size_t begin = text.find("<ExtrinsicObject");
  const std::size_t end = text.find("</ExtrinsicObject>") + 18;
  const std::string entry = text.substr(begin, end - begin);
  text.insert(end, entry);
  EXPECT_EQ(refusals_of_metadata(text), "duplicate_document");
  for (int i = 0; i < 100; ++i) text.insert(end, entry);
  EXPECT_EQ(refusals_of_metadata(text), "too_many_documents duplicate_document");
  text = sound_metadata();
  text.erase(begin, entry.size());
  EXPECT_EQ(refusals_of_metadata(text), "no_document");
}

TEST(XdmMetadataHostile, AConvertedTimeIsTheSenders) {
  std::vector<CdaFinding> findings;
  const auto read =
      read_xdm_metadata(as_bytes(with("20251231233000", "20260101003000+0100")), findings);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->entries[0].creation_time, "20251231233000");
}

TEST(XdmMetadataHostile, TruncationsAndChangedBytes) {
  constexpr std::size_t kStep = 7;  // every byte takes a minute under the sanitizers
  const std::string text = sound_metadata();
  std::vector<CdaFinding> findings;
  for (std::size_t i = 0; i < text.size(); i += kStep) {
    const Bytes cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(read_xdm_metadata(cut, findings));
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes changed(text.begin(), text.end());
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ flip);
      findings.clear();
      static_cast<void>(read_xdm_metadata(changed, findings));
    }
  }
}

}  // namespace
}  // namespace telavis
