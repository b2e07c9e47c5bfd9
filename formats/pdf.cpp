// SPDX-License-Identifier: Apache-2.0
#include "formats/pdf.h"

#ifdef __clang__
// clang 14 cannot read JSON.hh of qpdf 11.3 in C++20 (a vector of a class not yet complete); a name
// is enough for what is used here.
#define JSON_HH
class JSON;
#endif
#define POINTERHOLDER_TRANSITION 4  // qpdf asks which of its pointer types is meant

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjectHandle.hh>

#include "formats/pdf_structure.h"

namespace telavis {
namespace {

constexpr std::size_t kHeaderWindow = 1024;
/// Arrays and dictionaries inside one another; qpdf's parser stops at 500.
constexpr int kMaxDepth = 500;

enum class Trouble { none, script, action, media, attachment, form };

struct NamedTrouble {
  std::string_view name;
  Trouble trouble;
};

/// Types of actions (ISO 32000-1 table 198) that do more than move inside the document or name an
/// address for a person to open. The name stands in /S of the action wherever that hangs:
/// OpenAction, /AA, /A, /Next, the name tree of JavaScript.
constexpr auto kActions = std::to_array<NamedTrouble>({{"/JavaScript", Trouble::script},
                                                       {"/Launch", Trouble::action},
                                                       {"/SubmitForm", Trouble::action},
                                                       {"/ImportData", Trouble::action},
                                                       {"/ResetForm", Trouble::action},
                                                       {"/GoToR", Trouble::action},
                                                       {"/GoToE", Trouble::action},
                                                       {"/GoToDp", Trouble::action},
                                                       {"/Rendition", Trouble::media},
                                                       {"/Movie", Trouble::media},
                                                       {"/Sound", Trouble::media},
                                                       {"/GoTo3DView", Trouble::media},
                                                       {"/RichMediaExecute", Trouble::media}});

/// Kinds of annotations that run something or hold a file.
constexpr auto kAnnotations =
    std::to_array<NamedTrouble>({{"/RichMedia", Trouble::media},
                                 {"/Movie", Trouble::media},
                                 {"/Sound", Trouble::media},
                                 {"/Screen", Trouble::media},
                                 {"/3D", Trouble::media},
                                 {"/FileAttachment", Trouble::attachment}});

/// Keys that are enough by themselves.
constexpr auto kKeys = std::to_array<NamedTrouble>({{"/JS", Trouble::script},
                                                    {"/JavaScript", Trouble::script},
                                                    {"/XFA", Trouble::form},
                                                    {"/EF", Trouble::attachment},
                                                    {"/EmbeddedFiles", Trouble::attachment},
                                                    {"/RichMediaContent", Trouble::media}});

template <std::size_t kCount>
Trouble look_up(const std::array<NamedTrouble, kCount>& list, const std::string& name) {
  const auto* const found = std::ranges::find(list, std::string_view(name), &NamedTrouble::name);
  return found == list.end() ? Trouble::none : found->trouble;
}

tl::unexpected<Error> refusal(Trouble trouble) {
  std::string_view what;
  switch (trouble) {
    case Trouble::script:
      what = "a script";
      break;
    case Trouble::action:
      what = "an action that opens or sends something else";
      break;
    case Trouble::media:
      what = "a film, a sound or a 3D view";
      break;
    case Trouble::attachment:
      what = "another file inside it, or a part outside it";
      break;
    case Trouble::form:
      what = "an active form (XFA)";
      break;
    case Trouble::none:
      break;
  }
  return fail(ErrorCode::unsupported_format,
              fmt::format("this PDF holds {}: print it to a new PDF, or export it as a plain one "
                          "(PDF/A), and send that",
                          what));
}

class Inspection {
 public:
  Trouble trouble = Trouble::none;
  bool has_links = false;

  /// One indirect object with what stands directly in it; references are objects of their own.
  void look_at(const QPDFObjectHandle& object, int depth) {
    if (trouble != Trouble::none || depth > kMaxDepth) return;
    QPDFObjectHandle handle = object;
    if (handle.isStream()) {
      QPDFObjectHandle dictionary = handle.getDict();
      // The data of such a stream stand in a file outside (ISO 32000-1 table 5).
      if (dictionary.hasKey("/F")) trouble = Trouble::attachment;
      if (name_at(dictionary, "/Type") == "/EmbeddedFile") trouble = Trouble::attachment;
      look_at_dictionary(dictionary, depth);
    } else if (handle.isDictionary()) {
      look_at_dictionary(handle, depth);
    } else if (handle.isArray()) {
      for (auto& item : handle.aitems()) {
        if (!item.isIndirect()) look_at(item, depth + 1);
      }
    }
  }

 private:
  /// A name also when it is written as an object of its own.
  static std::string name_at(QPDFObjectHandle& dictionary, const std::string& key) {
    QPDFObjectHandle value = dictionary.getKey(key);
    return value.isName() ? value.getName() : "";
  }

  void raise(Trouble found) {
    if (trouble == Trouble::none) trouble = found;
  }

  void look_at_dictionary(QPDFObjectHandle& dictionary, int depth) {
    const std::string action = name_at(dictionary, "/S");
    raise(look_up(kActions, action));
    raise(look_up(kAnnotations, name_at(dictionary, "/Subtype")));
    has_links = has_links || action == "/URI";
    for (auto& [key, value] : dictionary.ditems()) {
      if (!value.isNull()) raise(look_up(kKeys, key));
      if (!value.isIndirect()) look_at(value, depth + 1);
    }
  }
};

tl::unexpected<Error> encrypted() {
  return fail(ErrorCode::unsupported_format,
              "this PDF is encrypted or protected: print it to a new PDF without protection and "
              "send that");
}

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::malformed_file,
              "this PDF is damaged beyond repair: export it again from the device or the software "
              "and send the new file");
}

/// "1.7"; the catalogue may state a later version than the header (ISO 32000-1 7.5.2).
std::string version_of(QPDF& pdf) {
  std::string version = pdf.getPDFVersion();
  QPDFObjectHandle stated = pdf.getRoot().getKey("/Version");
  if (stated.isName()) version = std::max(version, stated.getName().substr(1));
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  const bool sound = !version.empty() && version.size() <= 4 && std::ranges::all_of(version, plain);
  return sound ? version : "";
}

/// Throws what qpdf throws.
Result<PdfDocument> inspect(QPDF& pdf, ByteView file) {
  pdf.setSuppressWarnings(true);  // they are kept, and printed nowhere
  pdf.processMemoryFile("document", reinterpret_cast<const char*>(file.data()), file.size());
  if (pdf.isEncrypted()) return encrypted();
  if (pdf.getObjectCount() > kMaxPdfObjects) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("this PDF has more than {} objects: print it to a new PDF and send "
                            "that one",
                            kMaxPdfObjects));
  }
  PdfDocument document;
  const std::size_t pages = pdf.getAllPages().size();
  if (pages == 0) {
    return fail(ErrorCode::malformed_file, "this PDF has no page: export the tracing again");
  }
  if (pages > kMaxPdfPages) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("this PDF has {} pages, at most {} are accepted: send the pages of the "
                            "tracing alone",
                            pages, kMaxPdfPages));
  }
  document.pages = static_cast<int>(pages);
  document.version = version_of(pdf);
  Inspection inspection;
  inspection.look_at(pdf.getTrailer(), 0);
  for (const QPDFObjectHandle& object : pdf.getAllObjects()) inspection.look_at(object, 0);
  if (inspection.trouble != Trouble::none) return refusal(inspection.trouble);
  if (inspection.has_links) {
    document.findings.push_back(
        {"pdf_has_links", Severity::info,
         "the document names web addresses: open one only if you know where it leads"});
  }
  if (pdf.anyWarnings()) {
    document.findings.push_back({"pdf_repaired", Severity::warning,
                                 "the document is damaged and was read as far as possible: a part "
                                 "may be missing. Export it "
                                 "again and compare"});
  }
  return document;
}

}  // namespace

bool looks_like_pdf(ByteView file) {
  return as_text(file).substr(0, kHeaderWindow).find("%PDF-") != std::string_view::npos;
}

Result<PdfDocument> inspect_pdf(ByteView file) {
  if (file.empty()) {
    return fail(ErrorCode::empty_file, "the file is empty: send the document again");
  }
  if (auto sound = check_pdf_structure(file); !sound) return tl::unexpected(sound.error());
  try {
    const std::shared_ptr<QPDF> pdf = QPDF::create();
    return inspect(*pdf, file);
  } catch (const QPDFExc& error) {
    const bool locked = error.getErrorCode() == qpdf_e_password;
    const bool unknown_handler = error.getErrorCode() == qpdf_e_unsupported;
    if (locked || unknown_handler) return encrypted();
    return damaged();
  } catch (const std::exception&) {
    return damaged();
  }
}

}  // namespace telavis
