// SPDX-License-Identifier: Apache-2.0
#include "tests/formats/pdf_reader.h"

#include <lcms2.h>

// As in formats/pdfa.cpp.
#define POINTERHOLDER_TRANSITION 4
#define JSON_HH
class JSON;
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <regex>
#include <set>

namespace telavis::test {
namespace {

using Object = QPDFObjectHandle;

std::unique_ptr<QPDF> document_of(const Bytes& pdf) {
  auto document = std::make_unique<QPDF>();
  document->setSuppressWarnings(true);
  document->setAttemptRecovery(false);
  document->processMemoryFile("document", reinterpret_cast<const char*>(pdf.data()), pdf.size());
  return document;
}

bool named(Object object, const std::string& name) {
  return object.isName() && object.getName() == name;
}

Bytes data_of(Object stream) {
  const auto data = stream.getStreamData(qpdf_dl_generalized);
  return {data->getBuffer(), data->getBuffer() + data->getSize()};
}

/// The tables of a TrueType font.
class TrueType {
 public:
  explicit TrueType(Bytes data) : data_(std::move(data)) {
    const std::size_t count = u16(4);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t entry = 12 + 16 * i;
      tables_[std::string(as_text(data_).substr(entry, 4))] = {u32(entry + 8), u32(entry + 12)};
    }
  }
  bool has(const std::string& table) const { return tables_.contains(table); }
  double units() const { return static_cast<double>(u16(start("head") + 18)); }
  /// From the index of outlines, not from 'maxp'.
  std::size_t glyphs() const {
    const bool longs = u16(start("head") + 50) == 1;
    return tables_.at("loca").second / (longs ? 4 : 2) - 1;
  }
  double width(std::size_t glyph) const {
    const std::size_t metrics = u16(start("hhea") + 34);
    return static_cast<double>(u16(start("hmtx") + 4 * std::min(glyph, metrics - 1))) * 1000 /
           units();
  }
  /// The glyph of a character code by the font's own table, format 4 or 6 or 0; 0 when none.
  std::size_t glyph_of(std::size_t code) const {
    const std::size_t cmap = start("cmap");
    for (std::size_t i = 0; i < u16(cmap + 2); ++i) {
      const std::size_t sub = cmap + u32(cmap + 4 + 8 * i + 4);
      if (u16(sub) != 4) continue;
      const std::size_t segments = u16(sub + 6) / 2;
      for (std::size_t s = 0; s < segments; ++s) {
        const std::size_t end = u16(sub + 14 + 2 * s);
        const std::size_t first = u16(sub + 16 + 2 * (segments + s));
        const std::size_t delta = u16(sub + 16 + 2 * (2 * segments + s));
        const std::size_t offset_at = sub + 16 + 2 * (3 * segments + s);
        if (code < first || code > end) continue;
        if (u16(offset_at) == 0) return (code + delta) & 0xFFFF;
        const std::size_t glyph = u16(offset_at + u16(offset_at) + 2 * (code - first));
        return glyph == 0 ? 0 : (glyph + delta) & 0xFFFF;
      }
    }
    return 0;
  }

 private:
  std::size_t start(const std::string& table) const { return tables_.at(table).first; }
  std::size_t u16(std::size_t at) const { return data_.at(at) << 8 | data_.at(at + 1); }
  std::size_t u32(std::size_t at) const { return u16(at) << 16 | u16(at + 2); }
  Bytes data_;
  std::map<std::string, std::pair<std::size_t, std::size_t>> tables_;
};

/// Windows-1252 to Unicode, for what the drawings use of it beyond Latin-1.
std::size_t unicode_of(std::size_t code) {
  static const std::map<std::size_t, std::size_t> kOthers = {
      {0x80, 0x20AC}, {0x85, 0x2026}, {0x86, 0x2020}, {0x8C, 0x152},
      {0x91, 0x2018}, {0x92, 0x2019}, {0x93, 0x201C}, {0x94, 0x201D},
      {0x95, 0x2022}, {0x96, 0x2013}, {0x97, 0x2014}, {0x9C, 0x153}};
  const auto found = kOthers.find(code);
  return found == kOthers.end() ? code : found->second;
}

class Checker {
 public:
  explicit Checker(const Bytes& pdf) : raw_(as_text(pdf)), document_(document_of(pdf)) {}

  std::vector<std::string> faults() {
    file_structure();
    metadata();
    output_intent();
    for (const Object& object : document_->getAllObjects()) visit(object, 0);
    for (Object object : document_->getAllObjects()) {
      if (object.isDictionaryOfType("/Font")) font(object);
    }
    for (auto& page : QPDFPageDocumentHelper(*document_).getAllPages()) {
      Operators operators(*this);
      page.parseContents(&operators);
    }
    return {faults_.begin(), faults_.end()};
  }

 private:
  /// 6.2.10, 6.2.3.3, 6.1.8: only the operators of PDF 1.4 that our drawings need.
  class Operators : public Object::ParserCallbacks {
   public:
    explicit Operators(Checker& checker) : checker_(checker) {}
    void handleObject(Object object) override {
      static const std::set<std::string> kKnown = {
          "q",  "Q",  "cm", "w",  "J",  "j",  "M",  "d",  "gs", "m", "l", "c",  "h",
          "re", "S",  "f",  "f*", "n",  "W",  "W*", "rg", "RG", "g", "G", "Do", "BT",
          "ET", "Tf", "Tm", "Td", "Tj", "TJ", "Tr", "B",  "v",  "y", "s", "F"};
      if (!object.isOperator()) return;
      const std::string name = object.getOperatorValue();
      checker_.expect(kKnown.contains(name), "6.2.10 operator " + name);
      if (name == "q") checker_.expect(++depth_ <= 28, "6.1.12 q nested too deep");
      if (name == "Q") --depth_;
    }
    void handleEOF() override { checker_.expect(depth_ == 0, "6.1.12 q and Q do not match"); }

   private:
    Checker& checker_;
    int depth_ = 0;
  };

  void expect(bool holds, const std::string& rule) {
    if (!holds) faults_.insert(rule);
  }

  void file_structure() {
    const bool binary = raw_.size() > 14 &&
                        std::all_of(raw_.begin() + 10, raw_.begin() + 14,
                                    [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    expect(raw_.starts_with("%PDF-1.4\n%") && binary, "6.1.2 header");
    Object trailer = document_->getTrailer();
    Object id = trailer.getKey("/ID");
    expect(id.isArray() && id.getArrayNItems() == 2, "6.1.3 identifier");
    expect(!trailer.hasKey("/Encrypt"), "6.1.3 encrypted");
    expect(raw_.size() > 6 && raw_.substr(raw_.size() - 6) == "%%EOF\n", "6.1.3 end of file");
    for (const char* of_pdf_1_5 : {"/ObjStm", "/XRef"}) {
      expect(raw_.find(of_pdf_1_5) == std::string::npos, "6.1.4 compressed objects");
    }
    for (std::size_t at = raw_.find("endstream"); at != std::string::npos;
         at = raw_.find("endstream", at + 1)) {
      expect(raw_[at - 1] == '\n', "6.1.7 no line end before endstream");
    }
    static const std::set<std::string> kInCatalogue = {"/Type", "/Pages", "/Metadata",
                                                       "/OutputIntents"};
    for (const std::string& key : document_->getRoot().getKeys()) {
      expect(kInCatalogue.contains(key), "catalogue " + key);
    }
  }

  void metadata() {
    Object stream = document_->getRoot().getKey("/Metadata");
    if (!stream.isStream()) return expect(false, "6.7.2 no metadata");
    Object dictionary = stream.getDict();
    expect(!dictionary.hasKey("/Filter"), "6.7.2 metadata are compressed");
    expect(named(dictionary.getKey("/Type"), "/Metadata"), "6.7.2 type");
    expect(named(dictionary.getKey("/Subtype"), "/XML"), "6.7.2 subtype");
    const Bytes data = data_of(stream);
    const std::string xmp(as_text(data));
    expect(xmp.starts_with("<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"),
           "6.7.5 packet header");
    expect(xmp.ends_with("<?xpacket end=\"w\"?>"), "packet end");
    for (const char* needed :
         {"xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\"", "<pdfaid:part>1</pdfaid:part>",
          "<pdfaid:conformance>B</pdfaid:conformance>"}) {
      expect(xmp.find(needed) != std::string::npos, "6.7.11 " + std::string(needed));
    }
  }

  void output_intent() {
    Object intents = document_->getRoot().getKey("/OutputIntents");
    if (!intents.isArray() || intents.getArrayNItems() != 1) return expect(false, "6.2.2 intent");
    Object intent = intents.getArrayItem(0);
    expect(named(intent.getKey("/S"), "/GTS_PDFA1"), "6.2.2 subtype");
    expect(intent.getKey("/OutputConditionIdentifier").isString(), "6.2.2 identifier");
    Object profile = intent.getKey("/DestOutputProfile");
    if (!profile.isStream()) return expect(false, "6.2.2 profile");
    expect(profile.getDict().getKey("/N").getIntValue() == 3, "6.2.2 components");
    const Bytes icc = data_of(profile);
    expect(icc.size() > 128 && icc[8] == 2, "6.2.2 an ICC profile of version 2");
    cmsHPROFILE opened =
        cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size()));
    if (opened == nullptr) return expect(false, "6.2.2 the profile cannot be read");
    expect(cmsGetColorSpace(opened) == cmsSigRgbData, "6.2.2 not an RGB profile");
    cmsCloseProfile(opened);
  }

  void visit_direct(const Object& object, int depth) {
    if (!object.isIndirect()) visit(object, depth + 1);
  }

  void visit(Object object, int depth) {
    if (depth > 30) return expect(false, "nested too deep");
    if (object.isStream()) {
      stream(object.getDict());
      visit(object.getDict(), depth + 1);
    } else if (object.isDictionary()) {
      dictionary(object);
      expect(object.getKeys().size() <= 4095, "6.1.12 dictionary");
      for (auto [key, child] : object.ditems()) {
        expect(key.size() <= 128, "6.1.12 name");
        visit_direct(child, depth);
      }
    } else if (object.isArray()) {
      expect(object.getArrayNItems() <= 8191, "6.1.12 array");
      for (const Object& child : object.aitems()) {
        visit_direct(child, depth);
      }
    } else if (object.isString()) {
      expect(object.getStringValue().size() <= 65535, "6.1.12 string");
    } else if (object.isName()) {
      static const std::set<std::string> kForbidden = {
          "/DeviceCMYK",   "/DeviceN",      "/Separation", "/LZWDecode", "/JavaScript", "/Launch",
          "/EmbeddedFile", "/Transparency", "/Annot",      "/OCG",       "/PS"};
      expect(!kForbidden.contains(object.getName()), "name " + object.getName());
    }
  }

  void stream(Object dictionary) {
    for (const char* external : {"/F", "/FFilter", "/FDecodeParms"}) {
      expect(!dictionary.hasKey(external), "6.1.7 external stream");
    }
  }

  void dictionary(Object object) {
    for (const char* forbidden : {"/Group", "/SMask", "/TR", "/TR2", "/HTP", "/AA", "/OpenAction",
                                  "/Alternates", "/OPI", "/Ref", "/Subtype2", "/Annots"}) {
      expect(!object.hasKey(forbidden), std::string("forbidden key ") + forbidden);
    }
    for (const char* key : {"/CA", "/ca"}) {
      if (object.hasKey(key)) expect(object.getKey(key).getNumericValue() == 1, "6.4 opacity");
    }
    if (object.hasKey("/BM")) expect(named(object.getKey("/BM"), "/Normal"), "6.4 blend mode");
    if (named(object.getKey("/Subtype"), "/Image")) {
      expect(!object.hasKey("/Interpolate"), "6.2.4 interpolation");
      Object space = object.getKey("/ColorSpace");
      expect(
          object.hasKey("/ImageMask") || named(space, "/DeviceRGB") || named(space, "/DeviceGray"),
          "6.2.3 colour space");
    }
  }

  void font(Object font) {
    const Object kind = font.getKey("/Subtype");
    if (named(kind, "/Type0")) {
      expect(named(font.getKey("/Encoding"), "/Identity-H"), "6.3.3.3 CMap");
      return;
    }
    Object descriptor = font.getKey("/FontDescriptor");
    if (!descriptor.isDictionary() || !descriptor.getKey("/FontFile2").isStream()) {
      return expect(false, "6.3.4 not embedded");
    }
    const TrueType program(data_of(descriptor.getKey("/FontFile2")));
    if (named(kind, "/CIDFontType2")) {
      cid_font(font, descriptor, program);
    } else {
      expect(named(kind, "/TrueType"), "a font of an unexpected kind");
      simple_font(font, descriptor, program);
    }
  }

  void cid_font(Object font, Object descriptor, const TrueType& program) {
    expect(named(font.getKey("/CIDToGIDMap"), "/Identity"), "6.3.3.2 CIDToGIDMap");
    Object system = font.getKey("/CIDSystemInfo");
    expect(system.getKey("/Registry").getStringValue() == "Adobe" &&
               system.getKey("/Ordering").getStringValue() == "Identity",
           "6.3.3.1 CIDSystemInfo");
    Object set = descriptor.getKey("/CIDSet");
    if (!set.isStream()) return expect(false, "6.3.5 CIDSet");
    const Bytes bits = data_of(set);
    for (std::size_t cid = 0; cid < bits.size() * 8; ++cid) {
      const bool present = (bits[cid / 8] >> (7 - cid % 8) & 1) != 0;
      expect(present == (cid < program.glyphs()), "6.3.5 CIDSet does not match the glyphs");
    }
    expect(bits.size() * 8 >= program.glyphs(), "6.3.5 CIDSet is too short");
    Object widths = font.getKey("/W");
    expect(widths.getArrayNItems() == 2, "6.3.6 W");
    const auto first = static_cast<std::size_t>(widths.getArrayItem(0).getIntValue());
    Object list = widths.getArrayItem(1);
    for (int i = 0; i < list.getArrayNItems(); ++i) {
      const double stated = list.getArrayItem(i).getNumericValue();
      expect(std::abs(stated - program.width(first + static_cast<std::size_t>(i))) <= 1,
             "6.3.6 width of a glyph");
    }
  }

  void simple_font(Object font, Object descriptor, const TrueType& program) {
    expect(named(font.getKey("/Encoding"), "/WinAnsiEncoding"), "6.3.7 encoding");
    expect((descriptor.getKey("/Flags").getIntValue() & 0x24) == 0x20, "6.3.7 not symbolic");
    expect(program.has("cmap"), "6.3.7 no cmap");
    const auto first = static_cast<std::size_t>(font.getKey("/FirstChar").getIntValue());
    Object widths = font.getKey("/Widths");
    const auto last = static_cast<std::size_t>(font.getKey("/LastChar").getIntValue());
    expect(static_cast<std::size_t>(widths.getArrayNItems()) == last - first + 1, "6.3.6 widths");
    for (int i = 0; i < widths.getArrayNItems(); ++i) {
      const double stated = widths.getArrayItem(i).getNumericValue();
      const std::size_t glyph = program.glyph_of(unicode_of(first + static_cast<std::size_t>(i)));
      if (glyph == 0) continue;  // not in the subset, not used
      expect(std::abs(stated - program.width(glyph)) <= 1, "6.3.6 width of a character");
    }
  }

  std::string raw_;
  std::unique_ptr<QPDF> document_;
  std::set<std::string> faults_;
};

/// Follows the operators that move, draw and stroke.
class StrokeReader : public Object::ParserCallbacks {
 public:
  explicit StrokeReader(double page_height) : page_height_(page_height) {}
  void handleObject(Object object) override {
    if (!object.isOperator()) {
      operands_.push_back(object);
      return;
    }
    apply(object.getOperatorValue());
    operands_.clear();
  }
  void handleEOF() override {}

  std::vector<Stroke> strokes;

 private:
  double number(std::size_t i) { return operands_.at(i).getNumericValue(); }
  Point point() {
    constexpr double kMm = 25.4 / 72;
    const double x = matrix_[0] * number(0) + matrix_[2] * number(1) + matrix_[4];
    const double y = matrix_[1] * number(0) + matrix_[3] * number(1) + matrix_[5];
    return {x * kMm, (page_height_ - y) * kMm};
  }
  void apply(const std::string& name) {
    if (name == "cm") {
      std::array<double, 6> m{};
      for (std::size_t i = 0; i < 6; ++i) m[i] = number(i);
      const auto& t = matrix_;
      matrix_ = {m[0] * t[0] + m[1] * t[2],        m[0] * t[1] + m[1] * t[3],
                 m[2] * t[0] + m[3] * t[2],        m[2] * t[1] + m[3] * t[3],
                 m[4] * t[0] + m[5] * t[2] + t[4], m[4] * t[1] + m[5] * t[3] + t[5]};
    } else if (name == "q") {
      saved_.push_back(matrix_);
    } else if (name == "Q") {
      matrix_ = saved_.back();
      saved_.pop_back();
    } else if (name == "w") {
      width_ = number(0) * 25.4 / 72;
    } else if (name == "RG" || name == "G") {
      black_ = std::all_of(operands_.begin(), operands_.end(),
                           [](Object value) { return value.getNumericValue() == 0; });
    } else if (name == "m") {
      lines_.push_back({point()});
    } else if (name == "l") {
      lines_.back().push_back(point());
    } else if (name == "S") {
      strokes.push_back({width_, black_, lines_});
      lines_.clear();
    } else if (name == "n" || name == "f" || name == "f*") {
      lines_.clear();
    }
  }

  double page_height_;
  std::array<double, 6> matrix_{1, 0, 0, 1, 0, 0};
  std::vector<std::array<double, 6>> saved_;
  std::vector<Object> operands_;
  double width_ = 0;
  bool black_ = true;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<std::string> pdfa_faults(const Bytes& pdf) {
  return Checker(pdf).faults();
}

std::string info_text(const Bytes& pdf, const std::string& key) {
  Object value = document_of(pdf)->getTrailer().getKey("/Info").getKey(key);
  return value.isString() ? value.getUTF8Value() : "";
}

std::string xmp_text(const Bytes& pdf, const std::string& tag) {
  const auto document = document_of(pdf);
  const Bytes data = data_of(document->getRoot().getKey("/Metadata"));
  const std::string xmp(as_text(data));
  const std::size_t start = xmp.find("<" + tag + ">");
  const std::size_t end = xmp.find("</" + tag + ">");
  if (start == std::string::npos || end == std::string::npos) return "";
  return std::regex_replace(xmp.substr(start, end - start), std::regex("<[^>]*>"), "");
}

std::vector<Stroke> strokes_of(const Bytes& pdf, std::size_t page) {
  const auto document = document_of(pdf);
  auto pages = QPDFPageDocumentHelper(*document).getAllPages();
  auto& wanted = pages.at(page);
  StrokeReader reader(
      wanted.getObjectHandle().getKey("/MediaBox").getArrayItem(3).getNumericValue());
  wanted.parseContents(&reader);
  return reader.strokes;
}

}  // namespace telavis::test
