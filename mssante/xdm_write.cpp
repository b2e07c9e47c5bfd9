// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "engine/core/catalogue.h"
#include "formats/xml_text.h"
#include "formats/zip.h"
#include "mssante/xdm.h"

namespace telavis {
namespace {

constexpr std::string_view kFolder = "IHE_XDM/SUBSET01/";

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

/// XHTML Basic 1.1, as ITI TF-2, 3.32.4.1.2.2 asks. It names documents and no patient: it is what
/// people open first, wherever the archive was saved.
Bytes index_page(const XdmMetadata& metadata) {
  const auto said = [](std::string_view id) { return xml_escaped(message(Language::french, id)); };
  std::string items;
  for (const XdmEntry& entry : metadata.entries) {
    items += fmt::format("<li><a href=\"{}{}\">{}</a></li>\n", kFolder, entry.uri,
                         xml_escaped(entry.title));
  }
  return bytes_of(fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML Basic 1.1//EN\" "
      "\"http://www.w3.org/TR/xhtml-basic/xhtml-basic11.dtd\">\n"
      "<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"fr\">\n"
      "<head>\n<title>{}</title>\n</head>\n<body>\n<h1>{}</h1>\n<p>{}</p>\n<ul>\n{}</ul>\n"
      "<p><a href=\"README.TXT\">{}</a></p>\n</body>\n</html>\n",
      said("xdm.title"), said("xdm.title"), said("xdm.documents"), items, said("xdm.readme")));
}

Bytes readme(const CdaPerson& sender) {
  const std::string name = fmt::format("{} {}", sender.given, sender.family);
  std::string text;
  for (const Language language : {Language::french, Language::english}) {
    const auto line = [&](std::string_view id, std::string_view key, std::string_view value) {
      if (!value.empty()) text += message(language, id, {{key, value}}) + "\r\n";
    };
    text += message(language, "xdm.readme.what") + "\r\n";
    line("xdm.readme.from", "name", name);
    line("xdm.readme.place", "place", sender.organization.name);
    line("xdm.readme.mail", "mail", sender.mail);
    text += message(language, "xdm.readme.where") + "\r\n\r\n";
  }
  return bytes_of(text);
}

}  // namespace

Result<Bytes> write_xdm(const XdmSubmission& submission) {
  const auto metadata = xdm_metadata(submission);
  if (!metadata) return tl::unexpected(metadata.error());
  auto described = write_xdm_metadata(*metadata);
  if (!described) return described;
  std::vector<ZipEntry> files;
  files.push_back({"INDEX.HTM", index_page(*metadata)});
  files.push_back({"README.TXT", readme(submission.author)});
  files.push_back({std::string(kFolder) + "METADATA.XML", std::move(*described)});
  std::size_t unpacked = 0;
  for (std::size_t i = 0; i < metadata->entries.size(); ++i) {
    files.push_back({std::string(kFolder) + metadata->entries[i].uri, submission.documents[i].cda});
  }
  for (const ZipEntry& file : files) unpacked += file.bytes.size();
  if (unpacked > kMaxXdmUnpackedBytes) {
    return fail(ErrorCode::limit_exceeded,
                "These documents are too large for one archive: send them in several messages.");
  }
  auto archive = write_zip(files);
  if (archive && archive->size() > kMaxXdmArchiveBytes) {
    return fail(ErrorCode::limit_exceeded,
                "This archive is larger than any operator takes: send fewer documents at a time.");
  }
  return archive;
}

}  // namespace telavis
