// SPDX-License-Identifier: Apache-2.0
// Archives are read back by python3, which knows nothing of libzip.
#include "formats/zip.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temp_folder.h"

namespace telavis {
namespace {

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

TEST(Zip, IsReadByOthersAsItWasWritten) {
  const test::TempFolder folder;
  Bytes every;
  for (int i = 0; i < 70'000; ++i) every.push_back(static_cast<std::uint8_t>(i * 7 % 251));
  const auto archive = write_zip({{"index.html", bytes_of("<p>Été</p>")},
                                  {"TE-1/vide.csv", {}},
                                  {"TE-1/d\u00e9j\u00e0.bin", every}});
  ASSERT_TRUE(archive) << archive.error().text;
  const auto file = folder.path() / "a.zip";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(archive->data()),
             static_cast<std::streamsize>(archive->size()));
  const std::string check =
      "python3 -c \"import sys, zipfile\n"
      "a = zipfile.ZipFile(sys.argv[1])\n"
      "assert a.testzip() is None\n"
      "assert a.namelist() == ['index.html', 'TE-1/vide.csv', 'TE-1/d\\u00e9j\\u00e0.bin'], "
      "a.namelist()\n"
      "assert a.read('index.html').decode() == '<p>\\u00c9t\\u00e9</p>'\n"
      "assert a.read('TE-1/vide.csv') == b''\n"
      "assert a.read('TE-1/d\\u00e9j\\u00e0.bin') == bytes(i * 7 % 251 for i in range(70000))\n"
      "assert all(i.date_time == (1980, 1, 1, 0, 0, 0) for i in a.infolist())\" '" +
      file.string() + "'";
  EXPECT_EQ(std::system(check.c_str()), 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

TEST(Zip, TheSameEntriesGiveTheSameBytes) {
  const std::vector<ZipEntry> entries = {{"a", bytes_of("1")}, {"b/c", bytes_of("22")}};
  EXPECT_EQ(write_zip(entries).value(), write_zip(entries).value());
  EXPECT_FALSE(write_zip({}));
}

TEST(Zip, RefusesNamesThatLeaveTheArchiveOrComeTwice) {
  for (const char* name : {"", "/etc/passwd", "../a", "a/../../b", "a\\b", ".."}) {
    const auto archive = write_zip({{name, bytes_of("x")}});
    ASSERT_FALSE(archive) << name;
    EXPECT_EQ(archive.error().code, ErrorCode::malformed_request);
  }
  EXPECT_FALSE(write_zip({{"a", {}}, {"a", {}}}));
}

}  // namespace
}  // namespace telavis
