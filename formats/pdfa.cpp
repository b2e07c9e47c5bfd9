// SPDX-License-Identifier: Apache-2.0
#include "formats/pdfa.h"

// qpdf asks which of its pointer types is meant: std::shared_ptr. Its JSON classes, which nothing
// here uses, are kept out: clang 14 cannot compile them as C++20.
#define POINTERHOLDER_TRANSITION 4
#define JSON_HH
class JSON;

#include <exception>
#include <memory>
#include <optional>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFWriter.hh>
#include <string>
#include <string_view>

#include "formats/srgb_profile.h"
#include "formats/xml_text.h"

namespace telavis {
namespace {

/// cairo nests three dictionaries (page, resources, graphics states); a document that needs more
/// than this is not one of ours.
constexpr int kMaxDepth = 32;

/// A rule of ISO 19005-1 that the document breaks; leaves this file as an Error.
struct Broken {
  std::string_view what;
};

bool is_name(QPDFObjectHandle object, std::string_view name) {
  return object.isName() && object.getName() == name;
}

/// 6.1.13, 6.6, 6.9: nothing that acts, hides or changes by itself.
void check_catalogue(QPDFObjectHandle& root) {
  for (const char* key : {"/OpenAction", "/AA", "/AcroForm", "/OCProperties", "/Names", "/Perms"}) {
    if (root.hasKey(key)) throw Broken{"it has actions, forms, layers or attachments"};
  }
}

/// 6.4 and 6.2.8: what a graphics state may not ask for.
void check_graphics_state(QPDFObjectHandle& state) {
  for (const char* key : {"/CA", "/ca"}) {
    QPDFObjectHandle opacity = state.getKey(key);
    if (opacity.isNumber() && opacity.getNumericValue() != 1) throw Broken{"it is not opaque"};
  }
  if (state.hasKey("/BM") && !is_name(state.getKey("/BM"), "/Normal") &&
      !is_name(state.getKey("/BM"), "/Compatible")) {
    throw Broken{"it blends colours"};
  }
  if (state.hasKey("/TR") || state.hasKey("/TR2")) throw Broken{"it has a transfer function"};
}

/// The number of glyphs of a TrueType font, from its table 'maxp'.
std::optional<std::size_t> glyph_count(ByteView font) {
  ByteReader reader(font);
  if (!reader.skip(4)) return std::nullopt;
  const auto tables = reader.u16be();
  if (!tables || !reader.skip(6)) return std::nullopt;
  for (std::size_t i = 0; i < *tables; ++i) {
    const auto tag = reader.take(4);
    if (!tag || !reader.skip(4)) return std::nullopt;  // checksum
    const auto offset = reader.u32be();
    if (!offset || !reader.skip(4)) return std::nullopt;  // length
    if (as_text(*tag) != "maxp") continue;
    if (!reader.seek(*offset) || !reader.skip(4)) return std::nullopt;  // version
    const auto count = reader.u16be();
    return count ? std::optional<std::size_t>(*count) : std::nullopt;
  }
  return std::nullopt;
}

/// 6.3.3.2: which glyph a CID is, is stated; and 6.3.5: a subset says which CIDs it holds, a bit
/// each, the first one highest. With the identity as map, which is what a reader takes when none is
/// stated, the CIDs are the glyphs of the embedded font.
void complete_cid_font(QPDF& document, QPDFObjectHandle& font) {
  QPDFObjectHandle descriptor = font.getKey("/FontDescriptor");
  QPDFObjectHandle file = descriptor.getKey("/FontFile2");
  QPDFObjectHandle map = font.getKey("/CIDToGIDMap");
  if (!file.isStream() || !(map.isNull() || is_name(map, "/Identity"))) {
    throw Broken{"a composite font is not a TrueType font with the identity as map"};
  }
  font.replaceKey("/CIDToGIDMap", QPDFObjectHandle::newName("/Identity"));
  const auto data = file.getStreamData(qpdf_dl_generalized);
  const auto count = glyph_count({data->getBuffer(), data->getSize()});
  if (!count) throw Broken{"an embedded font has no table of glyphs"};
  std::string bits((*count + 7) / 8, '\0');
  for (std::size_t cid = 0; cid < *count; ++cid) {
    bits[cid / 8] = static_cast<char>(static_cast<unsigned char>(bits[cid / 8]) | 0x80u >> cid % 8);
  }
  descriptor.replaceKey("/CIDSet", QPDFObjectHandle::newStream(&document, bits));
}

/// 6.3.4: a font or, of a composite one, its descendant carries its glyphs.
void mend_font(QPDF& document, QPDFObjectHandle& font) {
  const QPDFObjectHandle kind = font.getKey("/Subtype");
  if (is_name(kind, "/Type0") || is_name(kind, "/Type3")) return;
  QPDFObjectHandle descriptor = font.getKey("/FontDescriptor");
  bool embedded = false;
  for (const char* key : {"/FontFile", "/FontFile2", "/FontFile3"}) {
    embedded = embedded || (descriptor.isDictionary() && descriptor.getKey(key).isStream());
  }
  if (!embedded) throw Broken{"a font is not embedded"};
  if (is_name(kind, "/CIDFontType0") || is_name(kind, "/CIDFontType2")) {
    complete_cid_font(document, font);
  }
}

void mend_dictionary(QPDF& document, QPDFObjectHandle& object) {
  if (object.hasKey("/Group") && is_name(object.getKey("/Group").getKey("/S"), "/Transparency")) {
    object.removeKey("/Group");  // without soft masks and opacity a group changes nothing
  }
  if (object.hasKey("/SMask") && !is_name(object.getKey("/SMask"), "/None")) {
    throw Broken{"it has a soft mask"};
  }
  if (is_name(object.getKey("/S"), "/JavaScript") || is_name(object.getKey("/S"), "/Launch")) {
    throw Broken{"it has a script"};
  }
  if (is_name(object.getKey("/Subtype"), "/Image")) object.removeKey("/Interpolate");  // 6.2.4
  if (object.hasKey("/Alternates") || object.hasKey("/OPI")) {
    throw Broken{"an image has alternates"};
  }
  check_graphics_state(object);
  if (is_name(object.getKey("/Type"), "/Font")) mend_font(document, object);
}

/// An object and everything written directly inside it.
void mend(QPDF& document, QPDFObjectHandle object, int depth) {
  if (depth > kMaxDepth) throw Broken{"its objects are nested too deep"};
  if (object.isStream()) {
    QPDFObjectHandle dictionary = object.getDict();
    if (dictionary.hasKey("/F")) throw Broken{"a stream lies in another file"};
    mend(document, dictionary, depth + 1);
  } else if (object.isDictionary()) {
    mend_dictionary(document, object);
    for (const auto& [key, child] : object.ditems()) {
      if (!child.isIndirect()) mend(document, child, depth + 1);
    }
  } else if (object.isArray()) {
    for (const QPDFObjectHandle& child : object.aitems()) {
      if (!child.isIndirect()) mend(document, child, depth + 1);
    }
  } else if (is_name(object, "/DeviceCMYK")) {
    throw Broken{"it has colours of a printing press (CMYK)"};
  } else if (is_name(object, "/LZWDecode")) {
    throw Broken{"a stream is compressed with LZW"};
  }
}

/// The Info dictionary without its dates; returns the XMP packet that says the same (6.7.3).
std::string mend_info(QPDF& document) {
  QPDFObjectHandle info = document.getTrailer().getKey("/Info");
  const auto value = [&](const char* key) -> std::string {
    QPDFObjectHandle text = info.isDictionary() ? info.getKey(key) : info;
    return text.isString() ? xml_escaped(text.getUTF8Value()) : std::string();
  };
  const std::string title = value("/Title");
  const std::string creator = value("/Creator");
  const std::string producer = value("/Producer");
  if (info.isDictionary()) {
    for (const std::string& key : info.getKeys()) {
      const bool kept = (key == "/Title" && !title.empty()) ||
                        (key == "/Creator" && !creator.empty()) ||
                        (key == "/Producer" && !producer.empty());
      if (!kept) info.removeKey(key);
    }
  }
  std::string xmp =
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
      "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\""
      " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
      " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n"
      "<pdfaid:part>1</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n";
  if (!title.empty()) {
    xmp += "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">" + title +
           "</rdf:li></rdf:Alt></dc:title>\n";
  }
  if (!creator.empty()) xmp += "<xmp:CreatorTool>" + creator + "</xmp:CreatorTool>\n";
  if (!producer.empty()) xmp += "<pdf:Producer>" + producer + "</pdf:Producer>\n";
  xmp += "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>";
  return xmp;
}

void add_metadata(QPDF& document, QPDFObjectHandle& root) {
  QPDFObjectHandle metadata = QPDFObjectHandle::newStream(&document, mend_info(document));
  metadata.getDict().replaceKey("/Type", QPDFObjectHandle::newName("/Metadata"));
  metadata.getDict().replaceKey("/Subtype", QPDFObjectHandle::newName("/XML"));
  root.replaceKey("/Metadata", metadata);
}

/// 6.2.2: what the device colours of the document mean.
void add_output_intent(QPDF& document, QPDFObjectHandle& root) {
  const Bytes profile = srgb_profile();
  QPDFObjectHandle icc = QPDFObjectHandle::newStream(&document, std::string(as_text(profile)));
  icc.getDict().replaceKey("/N", QPDFObjectHandle::newInteger(3));
  icc.getDict().replaceKey("/Alternate", QPDFObjectHandle::newName("/DeviceRGB"));
  QPDFObjectHandle intent = QPDFObjectHandle::parse(
      "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1)"
      " /RegistryName (http://www.color.org) /Info (sRGB IEC61966-2.1) >>");
  intent.replaceKey("/DestOutputProfile", icc);
  QPDFObjectHandle intents = QPDFObjectHandle::newArray();
  intents.appendItem(document.makeIndirectObject(intent));
  root.replaceKey("/OutputIntents", intents);
}

Bytes written(QPDF& document) {
  QPDFWriter writer(document);
  writer.setOutputMemory();
  writer.forcePDFVersion("1.4");
  writer.setObjectStreamMode(qpdf_o_disable);  // 6.1.4: those are of PDF 1.5
  writer.setNewlineBeforeEndstream(true);      // 6.1.7
  writer.setDeterministicID(true);
  writer.write();
  const std::shared_ptr<Buffer> out = writer.getBufferSharedPointer();
  return {out->getBuffer(), out->getBuffer() + out->getSize()};
}

}  // namespace

Result<Bytes> to_pdfa_1b(ByteView pdf) {
  const auto refused = [](std::string_view reason) {
    return fail(ErrorCode::render_failed,
                "the document cannot be made PDF/A-1: " + std::string(reason) +
                    "; report this with the document's kind");
  };
  try {
    QPDF document;
    document.setSuppressWarnings(true);
    document.setAttemptRecovery(false);
    document.processMemoryFile("document", reinterpret_cast<const char*>(pdf.data()), pdf.size());
    if (document.isEncrypted()) return refused("it is encrypted");
    QPDFObjectHandle root = document.getRoot();
    check_catalogue(root);
    for (const QPDFObjectHandle& object : document.getAllObjects()) mend(document, object, 0);
    add_metadata(document, root);
    add_output_intent(document, root);
    Bytes out = written(document);
    if (document.anyWarnings()) return refused("its structure is damaged");
    return out;
  } catch (const Broken& broken) {
    return refused(broken.what);
  } catch (const std::exception&) {
    return refused("its structure is damaged");  // qpdf's own words quote the document
  }
}

bool claims_pdfa_1(ByteView pdf) {
  try {
    QPDF document;
    document.setSuppressWarnings(true);
    document.setAttemptRecovery(false);
    document.processMemoryFile("document", reinterpret_cast<const char*>(pdf.data()), pdf.size());
    QPDFObjectHandle metadata = document.getRoot().getKey("/Metadata");
    if (!metadata.isStream() || metadata.getDict().hasKey("/Filter")) return false;
    const auto data = metadata.getRawStreamData();
    const std::string_view xmp(reinterpret_cast<const char*>(data->getBuffer()), data->getSize());
    // As an element, or as an attribute of rdf:Description.
    return xmp.find("<pdfaid:part>1</pdfaid:part>") != std::string_view::npos ||
           xmp.find("pdfaid:part=\"1\"") != std::string_view::npos ||
           xmp.find("pdfaid:part='1'") != std::string_view::npos;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace telavis
