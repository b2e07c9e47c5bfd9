// SPDX-License-Identifier: Apache-2.0
// Rules of the tree that no compiler knows: who may include whom, what may not be called, how long
// a file may be. Each rule is shown to bite before it is held against the tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr int kMaxLines = 700;

struct Layer {
  std::string folder;
  std::vector<std::string> may_include;  // besides itself
};

// formats <- core <- billing; devices, mssante, storage see core and formats, never each other;
// the rest of engine and the tests see all.
const std::vector<Layer> kLayers = {
    {"formats/", {}},
    {"engine/core/", {"formats/"}},
    {"engine/billing/", {"formats/", "engine/core/"}},
    {"devices/", {"formats/", "engine/core/"}},
    {"mssante/", {"formats/", "engine/core/"}},
    {"storage/", {"formats/", "engine/core/"}},
};

const std::vector<std::string> kOwnFolders = {"formats/", "engine/",   "devices/", "mssante/",
                                              "storage/", "fixtures/", "tests/"};

// A third-party header has one home, given as patterns of file paths. tl/expected is result.h's.
const std::vector<std::pair<std::regex, std::regex>> kHomes = {
    {std::regex(R"(dcmtk/.*)"), std::regex(R"((formats/dicom[a-z_]*|devices/dicom_[a-z_]+)\.cpp)")},
    {std::regex(R"(boost/beast.*)"), std::regex(R"(engine/http/server\.cpp)")},
    {std::regex(R"(boost/asio.*)"), std::regex(R"(engine/http/server\.cpp)")},
    {std::regex(R"(boost/json.*)"), std::regex(R"((engine/.*|storage/.*|formats/inspect)\.cpp)")},
    {std::regex(R"(curl/.*)"),
     std::regex(R"((mssante/.*|storage/(s3_put|blobs_s3)|devices/https_client)\.cpp)")},
    {std::regex(R"(sqlite3\.h)"), std::regex(R"(storage/sqlite[a-z_]*\.cpp)")},
    {std::regex(R"(sodium\.h)"), std::regex(R"(engine/core/crypto\.cpp)")},
    {std::regex(R"(gmime/.*)"),
     std::regex(R"(mssante/(mime|mail_(reader|parts)|gmime)[a-z_]*\.cpp)")},
    {std::regex(R"(glib\.h)"), std::regex(R"(mssante/[a-z0-9_]+\.cpp)")},
    {std::regex(R"((cairo|pango).*)"), std::regex(R"(formats/render[a-z_]*\.cpp)")},
    {std::regex(R"((jpeglib|turbojpeg|jerror)\.h)"), std::regex(R"(formats/jpeg[a-z_]*\.cpp)")},
    {std::regex(R"(libxml/.*)"),
     std::regex(R"((formats/(xml[a-z_]*|html_text)|mssante/xml_signature)\.cpp)")},
    {std::regex(R"(xmlsec/.*)"), std::regex(R"(mssante/xml_signature\.cpp)")},
    {std::regex(R"(idn2\.h)"), std::regex(R"(mssante/trust_list\.cpp)")},
    {std::regex(R"(qpdf/.*)"), std::regex(R"((formats/pdf[a-z_]*|tests/formats/pdf[a-z_]*)\.cpp)")},
    {std::regex(R"(png\.h)"), std::regex(R"(formats/png\.cpp)")},
    {std::regex(R"(zip\.h)"), std::regex(R"(formats/zip\.cpp)")},
    {std::regex(R"(xlsxwriter\.h)"), std::regex(R"(engine/billing/table_xlsx\.cpp)")},
    {std::regex(R"(webp/.*)"), std::regex(R"((formats/webp|tests/formats/picture_variants)\.cpp)")},
    {std::regex(R"(libheif/.*)"),
     std::regex(R"((formats/heic|tests/formats/picture_variants)\.cpp)")},
    {std::regex(R"(lcms2\.h)"), std::regex(R"((formats/colour|tests/formats/.*)\.cpp)")},
    {std::regex(R"(openssl/.*)"),
     std::regex(
         R"((engine/core/totp|engine/http/(digest|server|self_signed)|mssante/xml_signature|devices/dicom_tls)\.cpp)")},
    {std::regex(R"(qrencode\.h)"), std::regex(R"(engine/http/qr_svg\.cpp)")},
    {std::regex(R"(date/.*)"), std::regex(R"(engine/core/time\.cpp)")},
    {std::regex(R"(spdlog/.*)"), std::regex(R"(engine/log\.cpp)")},
    {std::regex(R"(CLI/.*)"), std::regex(R"(engine/(main|operator_login|[a-z]+_commands?)\.cpp)")},
    {std::regex(R"(tl/.*)"), std::regex(R"(formats/result\.h)")},
};

// Calls that depend on the process's locale, and the clock outside its home.
const std::regex kLocaleCall(
    R"((^|[^A-Za-z0-9_.>:])(std::)?(setlocale|strtod|strtof|strtol|strtoul|strtoll|strtoull|atof|atoi|atol|stoi|stol|stoul|stoll|stoull|stod|stof|toupper|tolower|isalpha|isalnum|isdigit|isspace|isupper|islower|isprint|ispunct|sscanf|fscanf|scanf|strftime|localtime|localtime_r|put_time|get_time)\s*\()");
const std::regex kWallClock(R"(system_clock\s*::\s*now)");
const std::regex kInclude(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string without_comment(const std::string& line) {
  const std::size_t slashes = line.find("//");
  return slashes == std::string::npos ? line : line.substr(0, slashes);
}

void check_include(const std::string& path, const std::string& header,
                   std::vector<std::string>& faults) {
  const bool own = std::any_of(kOwnFolders.begin(), kOwnFolders.end(),
                               [&](const auto& folder) { return starts_with(header, folder); });
  if (own) {
    for (const Layer& layer : kLayers) {
      if (!starts_with(path, layer.folder) || starts_with(header, layer.folder)) continue;
      const bool allowed =
          std::any_of(layer.may_include.begin(), layer.may_include.end(),
                      [&](const auto& folder) { return starts_with(header, folder); });
      if (!allowed) faults.push_back(layer.folder + " must not include " + header);
    }
    return;
  }
  if (starts_with(path, "tests/") || starts_with(path, "fixtures/")) return;
  for (const auto& [pattern, home] : kHomes) {
    if (std::regex_match(header, pattern) && !std::regex_match(path, home)) {
      faults.push_back(header + " is not at home here");
    }
  }
}

/// Every fault of one file; `path` is relative to the top of the tree.
std::vector<std::string> faults_of(const std::string& path, const std::string& content) {
  std::vector<std::string> faults;
  std::istringstream lines(content);
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    std::smatch match;
    if (starts_with(line, "#") && std::regex_search(line, match, kInclude))
      check_include(path, match[1], faults);
    const std::string code = without_comment(line);
    // Regular expressions are slow on every line of the tree.
    if (path != "tests/tidy/tidy_test.cpp" && code.find('(') != std::string::npos &&
        std::regex_search(code, kLocaleCall)) {
      faults.push_back("line " + std::to_string(count) + " depends on the locale");
    }
    if (path != "engine/clock.cpp" && path != "tests/tidy/tidy_test.cpp" &&
        code.find("system_clock") != std::string::npos && std::regex_search(code, kWallClock)) {
      faults.push_back("line " + std::to_string(count) + " reads the wall clock");
    }
  }
  if (count > kMaxLines) faults.push_back("has " + std::to_string(count) + " lines");
  return faults;
}

TEST(Tidy, FindsAForbiddenInclude) {
  EXPECT_FALSE(faults_of("formats/a.cpp", "#include \"engine/core/case.h\"\n").empty());
  EXPECT_FALSE(faults_of("storage/a.cpp", "#include \"mssante/mime.h\"\n").empty());
  EXPECT_FALSE(faults_of("engine/core/a.cpp", "#include \"engine/billing/acts.h\"\n").empty());
  EXPECT_TRUE(faults_of("storage/a.cpp", "#include \"engine/core/case.h\"\n").empty());
  EXPECT_TRUE(faults_of("engine/main.cpp", "#include \"storage/sqlite.h\"\n").empty());
}

TEST(Tidy, FindsAThirdPartyHeaderOutsideItsHome) {
  EXPECT_FALSE(faults_of("engine/core/case.cpp", "#include <sodium.h>\n").empty());
  EXPECT_FALSE(faults_of("formats/dicom.h", "#include <dcmtk/dcmdata/dctk.h>\n").empty());
  EXPECT_FALSE(faults_of("engine/http/api.cpp", "#include <boost/beast/http.hpp>\n").empty());
  EXPECT_TRUE(faults_of("formats/dicom.cpp", "#include <dcmtk/dcmdata/dctk.h>\n").empty());
}

TEST(Tidy, FindsTheClockAndTheLocale) {
  EXPECT_FALSE(faults_of("storage/a.cpp", "auto t = std::chrono::system_clock::now();\n").empty());
  EXPECT_TRUE(
      faults_of("engine/clock.cpp", "auto t = std::chrono::system_clock::now();\n").empty());
  EXPECT_FALSE(faults_of("formats/a.cpp", "double d = std::strtod(s, nullptr);\n").empty());
  EXPECT_FALSE(faults_of("formats/a.cpp", "int i = std::stoi(s);\n").empty());
  EXPECT_TRUE(faults_of("formats/a.cpp", "// stoi( is banned\n").empty());
}

TEST(Tidy, FindsALongFile) {
  std::string content;
  for (int i = 0; i <= kMaxLines; ++i) content += "\n";
  EXPECT_FALSE(faults_of("formats/a.cpp", content).empty());
}

TEST(Tidy, TheTreeKeepsItsRules) {
  int files = 0;
  for (const std::string& folder : kOwnFolders) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(TELAVIS_SOURCE_DIR) / folder)) {
      const std::string extension = entry.path().extension().string();
      const std::string path = fs::relative(entry.path(), TELAVIS_SOURCE_DIR).string();
      const bool source = extension == ".cpp" || extension == ".h" || extension == ".ts";
      if (!source || path.find("node_modules") != std::string::npos) continue;
      ++files;
      std::ifstream in(entry.path());
      std::ostringstream content;
      content << in.rdbuf();
      for (const std::string& fault : faults_of(path, content.str())) {
        ADD_FAILURE() << path << ": " << fault;
      }
    }
  }
  EXPECT_GT(files, 50);
}

}  // namespace
