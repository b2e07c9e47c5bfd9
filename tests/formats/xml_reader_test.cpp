// SPDX-License-Identifier: Apache-2.0
#include "formats/xml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/formats/xml_builder.h"

namespace telavis::test::xml_reader_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Read {
  Result<xml::Document> document;
  std::vector<std::string> findings;
};

Read read(const Bytes& bytes) {
  std::vector<Finding> findings;
  Read out{xml::parse(bytes, findings), {}};
  for (const Finding& finding : findings) out.findings.push_back(finding.code);
  return out;
}
Read read(std::string_view text) {
  return read(xml_bytes(text));
}

ErrorCode error_of(std::string_view text) {
  const Read result = read(text);
  EXPECT_FALSE(result.document);
  return result.document ? ErrorCode::internal : result.document.error().code;
}

TEST(XmlReader, WalksElementsAttributesAndText) {
  const Read result = read(
      "<a x='1' n:y='&lt;&#233;'> first <b>one</b> tail <c/><b k=\"2\"><![CDATA[<two>]]> &amp; "
      "<!-- c -->three</b></a>");
  ASSERT_TRUE(result.document) << result.document.error().text;
  const xml::Element root = result.document->root();
  EXPECT_EQ(root.name(), "a");
  EXPECT_EQ(root.attribute("x"), "1");
  EXPECT_EQ(root.attribute("y"), "<\xC3\xA9");
  EXPECT_EQ(root.attribute("z"), "");
  EXPECT_EQ(root.text(), " first ");
  std::vector<std::string> names;
  for (const xml::Element child : root.children()) names.emplace_back(child.name());
  EXPECT_THAT(names, ElementsAre("b", "c", "b"));
  std::vector<std::string> texts;
  for (const xml::Element child : root.children("b")) texts.emplace_back(child.text());
  EXPECT_THAT(texts, ElementsAre("one", "<two> & three"));
  EXPECT_FALSE(root.child("d"));
  EXPECT_EQ(root.path({"d", "e"}).text(), "");
  EXPECT_FALSE(root.child("c").child("b"));
  EXPECT_EQ(root.descendant("c").name(), "c");
}

TEST(XmlReader, GivesWhatFollowsAnElement) {
  const Read result = read("<a>one <b>two</b> thr<!-- c -->ee <c/><d/>&amp;</a> ");
  ASSERT_TRUE(result.document) << result.document.error().text;
  const xml::Element root = result.document->root();
  EXPECT_EQ(root.text(), "one ");
  EXPECT_EQ(root.child("b").text(), "two");
  EXPECT_EQ(root.child("b").tail(), " three ");
  EXPECT_EQ(root.child("c").tail(), "");
  EXPECT_EQ(root.child("d").tail(), "&");
  EXPECT_EQ(root.tail(), "");
  EXPECT_EQ(xml::Element().tail(), "");
}

TEST(XmlReader, TakesTheEncodingFromTheBytes) {
  const std::string text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a>b</a>";
  for (const bool little : {false, true}) {
    for (const bool mark : {false, true}) {
      const Read result = read(as_utf16(text, little, mark));
      ASSERT_TRUE(result.document);
      EXPECT_EQ(result.document->root().text(), "b");
      EXPECT_THAT(result.findings, IsEmpty());
    }
  }
  const Read plain = read(text);  // declared as UTF-16, which it is not
  ASSERT_TRUE(plain.document);
  EXPECT_THAT(plain.findings, ElementsAre("encoding_mismatch"));
  const Read latin = read("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9\x80</a>");
  ASSERT_TRUE(latin.document);
  EXPECT_EQ(latin.document->root().text(), "\xC3\xA9\xE2\x82\xAC");
  EXPECT_THAT(latin.findings, IsEmpty());
  const Read liar = read("<?xml version='1.0' encoding='UTF-8'?><a>\xE9</a>");
  ASSERT_TRUE(liar.document);
  EXPECT_EQ(liar.document->root().text(), "\xC3\xA9");
  EXPECT_THAT(liar.findings, ElementsAre("encoding_mismatch"));
  const Read marked = read("\xEF\xBB\xBF<a>\xC3\xA9</a>");
  ASSERT_TRUE(marked.document);
  EXPECT_EQ(marked.document->root().text(), "\xC3\xA9");
  Bytes pair = as_utf16("<a>x</a>", true, true);
  pair[8] = 0x3D;  // the x becomes the first half of U+1F600
  pair[9] = 0xD8;
  pair.insert(pair.begin() + 10, {0x00, 0xDE});
  const Read emoji = read(pair);
  ASSERT_TRUE(emoji.document);
  EXPECT_EQ(emoji.document->root().text(), "\xF0\x9F\x98\x80");
}

TEST(XmlReader, PassesOverWhatStandsBeforeAndAfter) {
  const Read result = read(
      "\n <?xml version='1.0'?><!-- > --><!DOCTYPE a SYSTEM 'http://example.test/>.dtd' [<!ENTITY "
      "b \"]>\"> <!-- ' --> ]>\n<a/><!-- end -->");
  ASSERT_TRUE(result.document) << result.document.error().text;
  EXPECT_THAT(result.findings, IsEmpty());
  const Read rest = read("<a>b</a><c>");
  ASSERT_TRUE(rest.document);
  EXPECT_THAT(rest.findings, ElementsAre("trailing_bytes"));
  const Read zeros = read(std::string("<a>\x01</a>\0\0", 11));
  ASSERT_TRUE(zeros.document);
  EXPECT_EQ(zeros.document->root().text(), " ");
}

TEST(XmlReader, ExpandsNoEntity) {
  std::string laughs = "<!DOCTYPE a [<!ENTITY l0 \"ha\">";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "&l" + std::to_string(i - 1) + ";";
    laughs += "<!ENTITY l" + std::to_string(i) + " \"" + before + before + before + "\">";
  }
  EXPECT_EQ(error_of(laughs + "]><a>&l29;</a>"), ErrorCode::malformed_file);
  EXPECT_EQ(error_of("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
            ErrorCode::malformed_file);
  EXPECT_EQ(error_of("<!DOCTYPE a [<!ENTITY x 'y'>]><a b='&x;'/>"), ErrorCode::malformed_file);
}

TEST(XmlReader, BoundsDepthElementsAttributesAndNamespaces) {
  const auto repeated = [](std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
  };
  EXPECT_TRUE(read(repeated("<a>", 100) + repeated("</a>", 100)).document);
  EXPECT_EQ(error_of(repeated("<a>", 101) + repeated("</a>", 101)), ErrorCode::limit_exceeded);
  EXPECT_EQ(error_of("<a>" + repeated("<b/>", 500'000) + "</a>"), ErrorCode::limit_exceeded);
  std::string wide = "<a";
  std::string prefixes = "<a";
  for (int i = 0; i < 65; ++i) wide += " x" + std::to_string(i) + "='>'";
  EXPECT_EQ(error_of(wide + "/>"), ErrorCode::limit_exceeded);
  for (int i = 0; i < 60; ++i) prefixes += " xmlns:p" + std::to_string(i) + "='u'";
  EXPECT_TRUE(read(prefixes + "/>").document);
  EXPECT_EQ(error_of(prefixes + ">" + prefixes + "/></a>"), ErrorCode::limit_exceeded);
  EXPECT_TRUE(read("<a><!-- <b " + repeated("\"\" ", 100) + "> --></a>").document);
}

TEST(XmlReader, TellsACutFileFromADamagedOne) {
  EXPECT_EQ(error_of("<a><b>text</b>"), ErrorCode::truncated_file);
  EXPECT_EQ(error_of("<a><b>text</a>"), ErrorCode::malformed_file);
  EXPECT_EQ(error_of(""), ErrorCode::malformed_file);
  EXPECT_EQ(error_of("no XML"), ErrorCode::malformed_file);
  EXPECT_EQ(error_of("<!-- never ended"), ErrorCode::malformed_file);
}

TEST(XmlReader, NamesTheRootCheaply) {
  EXPECT_EQ(xml_root_name(xml_bytes("<?xml version='1.0'?><!-- c --><!DOCTYPE x [<!ENTITY a "
                                    "\">\">]>\n<n:RestingECG a='b'>")),
            "RestingECG");
  EXPECT_EQ(xml_root_name(xml_bytes("<a/>")), "a");
  EXPECT_EQ(xml_root_name(as_utf16("<restingecgdata>", false, false)), "restingecgdata");
  EXPECT_EQ(xml_root_name(xml_bytes("<caf\xE9 x='1'>")).has_value(), true);
  for (const std::string_view text : {"", "a<b>", "<", "<!", "<!-- ", "<?xml", "<!ELEMENT a>"}) {
    EXPECT_EQ(xml_root_name(xml_bytes(text)), std::nullopt) << text;
  }
  EXPECT_EQ(xml_root_name(xml_bytes("<!--" + std::string(70'000, ' ') + "--><a/>")), std::nullopt);
}

}  // namespace telavis::test::xml_reader_test
