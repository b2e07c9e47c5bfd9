// SPDX-License-Identifier: Apache-2.0
// The tables of docs/conformance/dicom.md are those of the code. To write them again:
// TELAVIS_WRITE_DOCS=1 build/dev/tests/test_devices --gtest_filter='DicomStatement.*'
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "devices/dicom_command.h"
#include "devices/dicom_data.h"
#include "devices/dicom_session.h"
#include "devices/dicom_worklist.h"
#include "devices/http_upload.h"
#include "devices/stow_rs.h"
#include "formats/dicom.h"

namespace telavis::dicom_statement_test {
namespace {

const std::string kFile = TELAVIS_SOURCE_DIR "/docs/conformance/dicom.md";
const std::string kBegin = "<!-- tables of the code: begin -->\n";
const std::string kEnd = "<!-- tables of the code: end -->\n";

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string head(const std::string& title, const std::vector<std::string>& cells) {
  std::string line = "\n### " + title + "\n\n" + row(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) line += "---|";
  return line + "\n";
}

std::string name_of(std::string_view abstract_syntax) {
  for (const DicomUidName& one : dicom_storage_classes()) {
    if (one.uid == abstract_syntax) return std::string(one.name) + " Storage";
  }
  const std::map<std::string_view, std::string> others = {
      {"1.2.840.10008.1.1", "Verification"},
      {"1.2.840.10008.5.1.4.31", "Modality Worklist Information Model - FIND"},
      {"1.2.840.10008.1.20.1", "Storage Commitment Push Model"}};
  return others.at(abstract_syntax);
}

std::string hexadecimal(std::uint16_t status) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[(status >> shift) & 0xF];
  return text;
}

std::string services() {
  std::string text = head("SOP classes, all as SCP", {"SOP class", "UID", "transfer syntaxes"});
  for (const DicomService& one : dicom_services()) {
    const bool all = one.transfer_syntaxes.size() == dicom_transfer_syntaxes().size();
    text += row({name_of(one.abstract_syntax), std::string(one.abstract_syntax),
                 all ? "all" : "the first " + std::to_string(one.transfer_syntaxes.size())});
  }
  text += head("Transfer syntaxes, in the order of preference", {"transfer syntax", "UID"});
  for (const DicomUidName& one : dicom_transfer_syntaxes())
    text += row({std::string(one.name), std::string(one.uid)});
  return text;
}

std::string statuses() {
  using namespace dicom_status;  // NOLINT(google-build-using-namespace)
  const std::vector<std::pair<std::uint16_t, const char*>> meanings = {
      {kSuccess, "durable: kept now, or known from before"},
      {kOutOfResources,
       "not kept: disk full, storage out of order, too many at a time. Send again"},
      {kNotOfClass,
       "not kept: SOP Class or Instance UID of the data set is not that of the command"},
      {kCannotUnderstand, "kept sealed for the association, and cannot be read; or empty"},
      {kTooLarge, "not kept: larger than what is received"},
      {kInvalidInstance, "not kept: the SOP Instance UID is none"},
      {kClassNotSupported, "not kept: the SOP Class is not that of the presentation context"},
      {kNotAuthorized, "not kept: the device was suspended or given back meanwhile"}};
  std::string text = head("Answers to C-STORE", {"status", "meaning"});
  for (const auto& [status, meaning] : meanings) text += row({hexadecimal(status), meaning});
  return text;
}

std::string failure_reasons() {
  using namespace dicom_status;  // NOLINT(google-build-using-namespace)
  const std::vector<std::pair<std::uint16_t, const char*>> meanings = {
      {kOutOfResources, "not kept: as A700 of C-STORE. Send again"},
      {kNotOfClass, "not kept: it is of another study than the URL"},
      {kCannotUnderstand,
       "kept sealed for the association, and cannot be read; not kept: no DICOM"},
      {kTooLarge, "not kept: larger than what is received"},
      {kSyntaxNotSupported, "kept sealed: its transfer syntax is not read"},
      {kClassNotSupported, "kept sealed: its SOP Class is not read"},
      {kNotAuthorized, "not kept: the device was suspended or given back meanwhile"}};
  std::string text =
      head("Failure reasons of the store transaction (STOW-RS)", {"reason", "meaning"});
  for (const auto& [reason, meaning] : meanings) text += row({hexadecimal(reason), meaning});
  return text;
}

std::string limits() {
  const DicomLimits of;
  const auto seconds = [](std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
  };
  return head("Limits as delivered", {"of", "at most"}) +
         row({"connections", std::to_string(of.connections)}) +
         row({"of them without an association yet", std::to_string(of.half_open())}) +
         row({"connections of one address", std::to_string(of.connections_per_peer)}) +
         row({"associations of one device", std::to_string(of.associations_per_device)}) +
         row({"a PDU that is received, bytes", std::to_string(of.pdu_bytes)}) +
         row({"an object, bytes", std::to_string(of.object_bytes)}) +
         row({"TLS handshake and association request", seconds(of.request)}) +
         row({"between two fragments or messages", seconds(of.idle)}) +
         row({"an association", seconds(of.association)}) +
         row({"entries of a worklist", std::to_string(of.worklist_entries)}) +
         row({"instances of a store transaction", std::to_string(kMaxStowInstances)}) +
         row({"a body of it, bytes", std::to_string(kMaxUploadBytes)});
}

std::string tag_text(std::uint32_t tag) {
  const auto half = [](std::uint32_t value) {
    return hexadecimal(static_cast<std::uint16_t>(value));
  };
  return "(" + half(tag >> 16) + "," + half(tag) + ")";
}

std::string worklist() {
  WorklistEntry entry;
  entry.exam.case_id = CaseId("c");
  entry.exam.number = entry.exam.ins = entry.exam.requester = "x";
  entry.exam.patient = {"x", "x", "x", "2000-01-01", Sex::female};
  entry.station = entry.date = entry.time = entry.modality = "x";
  const auto data = read_dicom_data(worklist_item(entry).encoded(), kExplicitLittle);
  std::string text = head("Return keys of the worklist", {"attribute", "filled"});
  const auto list = [&](const DicomItem& item, const std::string& within,
                        const auto& self) -> void {
    for (const DicomElement& element : item.elements) {
      const auto items = dicom_items(item, element.tag);
      text += row({within + tag_text(element.tag), element.value.empty() ? "empty" : "yes"});
      for (const DicomItem& one : items) self(one, within + tag_text(element.tag) + " > ", self);
    }
  };
  list(data.value().elements, "", list);
  return text;
}

TEST(DicomStatement, HasTheTablesOfTheCode) {
  const std::string tables =
      services() + statuses() + failure_reasons() + worklist() + limits() + "\n";
  std::ifstream in(kFile, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::size_t begin = whole.find(kBegin), end = whole.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t from = begin + kBegin.size();
  if (std::getenv("TELAVIS_WRITE_DOCS") != nullptr) {
    std::ofstream(kFile, std::ios::binary) << whole.substr(0, from) << tables << whole.substr(end);
    return;
  }
  EXPECT_EQ(whole.substr(from, end - from), tables) << "write it again: see the head of this file";
}

}  // namespace
}  // namespace telavis::dicom_statement_test
