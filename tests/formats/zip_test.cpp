// SPDX-License-Identifier: Apache-2.0
// Archives are read back by python3, which knows nothing of libzip, and written as it writes them.
#include "formats/zip.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/formats/hostile.h"
#include "tests/formats/raw_zip.h"
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

// ---- reading ------------------------------------------------------------------------------------

constexpr std::size_t kSome = 10;

ErrorCode refusal(const Bytes& archive, std::size_t index = 0) {
  const auto reader = ZipReader::open(archive, kSome);
  if (!reader) return reader.error().code;
  const auto bytes = reader->read(index);
  EXPECT_FALSE(bytes);
  return bytes ? ErrorCode::internal : bytes.error().code;
}

TEST(ZipReader, ReadsWhatWasWritten) {
  const Bytes large(70'000, 0x41);
  const auto archive = write_zip({{"a/\u00e9.txt", bytes_of("un")}, {"b", large}, {"empty", {}}});
  ASSERT_TRUE(archive);
  EXPECT_TRUE(looks_like_zip(*archive));
  const auto reader = ZipReader::open(*archive, kSome);
  ASSERT_TRUE(reader) << reader.error().text;
  ASSERT_EQ(reader->members().size(), 3U);
  EXPECT_EQ(reader->members()[0].name, "a/\u00e9.txt");
  EXPECT_EQ(reader->members()[1].size, large.size());
  EXPECT_FALSE(reader->members()[1].encrypted || reader->members()[1].special);
  EXPECT_EQ(reader->read(0).value(), bytes_of("un"));
  EXPECT_EQ(reader->read(1).value(), large);
  EXPECT_TRUE(reader->read(2).value().empty());
  EXPECT_FALSE(ZipReader::open(*archive, 2));
}

TEST(ZipReader, ReadsWhatOthersWriteInOnePass) {
  // Sizes behind the bytes (data descriptors), as Java and web servers write them.
  const test::TempFolder folder;
  const auto file = folder.path() / "stream.zip";
  const std::string write =
      "python3 -c \"import sys, zipfile, io\n"
      "class Pipe(io.RawIOBase):\n"
      "  def __init__(self, f): self.f = f\n"
      "  def writable(self): return True\n"
      "  def write(self, b): return self.f.write(b)\n"
      "with open(sys.argv[1], 'wb') as f:\n"
      "  with zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_DEFLATED) as z:\n"
      "    z.writestr('IHE_XDM/A.XML', b'x' * 5000)\n"
      "    z.writestr('folder/', b'')\n"
      "    z.writestr('b', b'')\n\" '" +
      file.string() + "'";
  ASSERT_EQ(std::system(write.c_str()), 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
  std::ifstream in(file, std::ios::binary);
  const Bytes archive{std::istreambuf_iterator<char>(in), {}};
  const auto reader = ZipReader::open(archive, kSome);
  ASSERT_TRUE(reader) << reader.error().text;
  ASSERT_EQ(reader->members().size(), 3U);
  EXPECT_EQ(reader->read(0).value(), Bytes(5000, 'x'));
  EXPECT_TRUE(reader->members()[1].folder);
}

TEST(ZipReader, RefusesWhatContradictsItself) {
  const Bytes text = bytes_of("0123456789");
  const Bytes packed = test::stored_deflate(text);
  EXPECT_TRUE(ZipReader::open(test::raw_zip({{.name = "a", .packed = text}}), kSome)->read(0));
  const auto sound =
      test::raw_zip({{.name = "a", .packed = packed, .unpacked = text, .method = 8}});
  EXPECT_EQ(ZipReader::open(sound, kSome)->read(0).value(), text);

  using enum ErrorCode;
  EXPECT_EQ(refusal({}), malformed_file);
  EXPECT_EQ(refusal(bytes_of("PK\x03\x04")), malformed_file);
  EXPECT_EQ(refusal(test::raw_zip({{.name = "a", .packed = text, .local_name = "b"}})),
            malformed_file);
  // Longer and shorter than said, wrong check sum, damaged stream.
  for (const std::uint32_t size : {4U, 4'000U}) {
    EXPECT_EQ(refusal(test::raw_zip(
                  {{.name = "a", .packed = packed, .unpacked = text, .size = size, .method = 8}})),
              malformed_file);
  }
  EXPECT_EQ(
      refusal(test::raw_zip({{.name = "a", .packed = text, .unpacked = bytes_of("012345678x")}})),
      malformed_file);
  EXPECT_EQ(refusal(test::raw_zip({{.name = "a", .packed = text, .unpacked = text, .method = 8}})),
            malformed_file);
  EXPECT_EQ(refusal(test::raw_zip({{.name = "a", .packed = text, .method = 12}})),
            unsupported_encoding);
}

TEST(ZipReader, SaysWhatIsEncryptedAndWhatIsNoFile) {
  const Bytes text = bytes_of("0123456789ab");
  const auto archive =
      test::raw_zip({{.name = "secret", .packed = text, .flags = 1},
                     {.name = "link", .packed = text, .attributes = 0120777U << 16},
                     {.name = "pipe", .packed = {}, .attributes = 0010644U << 16},
                     {.name = "file", .packed = text, .attributes = 0100644U << 16}});
  const auto reader = ZipReader::open(archive, kSome);
  ASSERT_TRUE(reader) << reader.error().text;
  EXPECT_TRUE(reader->members()[0].encrypted);
  EXPECT_TRUE(reader->members()[1].special);
  EXPECT_TRUE(reader->members()[2].special);
  EXPECT_FALSE(reader->members()[3].special);
  EXPECT_EQ(refusal(archive, 0), ErrorCode::unsupported_encoding);
}

TEST(ZipReader, BearsEveryTruncationAndEveryChangedByte) {
  const auto archive = write_zip({{"IHE_XDM/a", Bytes(300, 'a')}, {"b", bytes_of("bb")}});
  const auto all = [](const Bytes& bytes) {
    const auto reader = ZipReader::open(bytes, kSome);
    if (!reader) return 0;
    int read = 0;
    for (std::size_t i = 0; i < reader->members().size(); ++i) {
      if (reader->members()[i].size <= 1000) read += reader->read(i).has_value() ? 1 : 0;
    }
    return read;
  };
  test::hostile(archive.value(), all);
}

}  // namespace
}  // namespace telavis
