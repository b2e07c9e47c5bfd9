// SPDX-License-Identifier: Apache-2.0
#include "formats/pdf_structure.h"

#ifdef __clang__
// clang 14 cannot read JSON.hh of qpdf 11.3 in C++20 (a vector of a class not yet complete); a name
// is enough for what is used here.
#define JSON_HH
class JSON;
#endif
#define POINTERHOLDER_TRANSITION 4  // qpdf asks which of its pointer types is meant

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>

#include <qpdf/Pipeline.hh>
#include <qpdf/Pl_Flate.hh>

#include "formats/pdf.h"

namespace telavis {
namespace {

/// The dictionary of a stream of the structure has some hundred bytes.
constexpr std::size_t kMaxDictionaryBytes = std::size_t{64} << 10;
/// Streams may be found inside one another in a hostile file; all that is fed to inflate together
/// may be this many times the file.
constexpr std::size_t kMaxFeeds = 4;
constexpr std::size_t kFeedBytes = std::size_t{64} << 10;

struct TooMuch : std::exception {};

/// Counts what comes out and stops the work at the limit.
class Meter : public Pipeline {
 public:
  explicit Meter(std::size_t limit) : Pipeline("meter", nullptr), left_(limit) {}
  void write(unsigned char const*, std::size_t count) override {
    if (count > left_) throw TooMuch();
    left_ -= count;
  }
  void finish() override {}
  std::size_t left() const { return left_; }

 private:
  std::size_t left_;
};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Names written with #xx (ISO 32000-1 7.3.5) as they are meant.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      plain += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + word.size())) {
    ++count;
  }
  return count;
}

class StructureCheck {
 public:
  explicit StructureCheck(ByteView file)
      : file_(file),
        text_(as_text(file)),
        object_bytes_left_(kMaxPdfStructureBytes),
        xref_bytes_left_(kMaxPdfXrefBytes),
        feed_left_(kMaxFeeds * file.size()) {}

  Result<void> run() {
    if (count_of(text_, " obj") > kMaxPdfObjects) return too_large();
    std::size_t previous = 0;
    for (std::size_t at = text_.find("stream"); at != std::string_view::npos;
         at = text_.find("stream", at + 6)) {
      const bool ends = at >= 3 && text_.substr(at - 3, 3) == "end";
      if (!ends) {
        if (auto done = stream(previous, at); !done) return done;
      }
      previous = at + 6;
    }
    return {};
  }

 private:
  static tl::unexpected<Error> too_large() {
    return fail(
        ErrorCode::limit_exceeded,
        "this PDF unpacks to more than a document of a tracing holds: print it to a new PDF "
        "and send that one");
  }
  static tl::unexpected<Error> odd() {
    return fail(ErrorCode::unsupported_format,
                "the structure of this PDF is packed in an unusual way: print it to a new PDF and "
                "send that one");
  }

  /// `from`: behind the stream before, so that no byte is looked at for two dictionaries.
  Result<void> stream(std::size_t from, std::size_t at) {
    std::string_view before = text_.substr(from, at - from);
    before = before.substr(before.size() - std::min(before.size(), kMaxDictionaryBytes));
    if (const auto header = before.rfind(" obj"); header != std::string_view::npos) {
      before.remove_prefix(header);
    }
    const std::string dictionary = unescaped(before);
    const auto has = [&](std::string_view name) {
      return dictionary.find(name) != std::string::npos;
    };
    const bool xref = has("/XRef");
    // qpdf takes a stream for an object stream by its /First and /N alone.
    if (!xref && !has("/ObjStm") && !has("/First")) return {};
    const std::size_t filters =
        count_of(dictionary, "Decode") - count_of(dictionary, "DecodeParms");
    if (filters == 0 && !has("/Filter")) return {};  // as large as it is
    if (filters != 1 || !has("/FlateDecode")) return odd();
    return measure(at + 6, xref ? xref_bytes_left_ : object_bytes_left_);
  }

  Result<void> measure(std::size_t start, std::size_t& left) {
    while (start < file_.size() && (file_[start] == '\r' || file_[start] == '\n')) ++start;
    Meter meter(left);
    try {
      Pl_Flate inflate("inflate", &meter, Pl_Flate::a_inflate);
      inflate.setWarnCallback([](char const*, int) {});
      const std::size_t end = std::min(text_.find("endstream", start), file_.size());
      for (std::size_t at = start; at < end; at += kFeedBytes) {
        const std::size_t count = std::min(kFeedBytes, end - at);
        if (count > feed_left_) return too_large();
        feed_left_ -= count;
        inflate.write(file_.data() + at, count);
      }
      inflate.finish();
    } catch (const TooMuch&) {
      return too_large();
    } catch (const std::exception&) {
      // Damaged data: what came out until here is all that qpdf can get too.
    }
    left = meter.left();
    return {};
  }

  ByteView file_;
  std::string_view text_;
  std::size_t object_bytes_left_;
  std::size_t xref_bytes_left_;
  std::size_t feed_left_;
};

}  // namespace

Result<void> check_pdf_structure(ByteView file) {
  return StructureCheck(file).run();
}

}  // namespace telavis
