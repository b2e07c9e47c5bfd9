// SPDX-License-Identifier: Apache-2.0
// make_trust_list_seeds FOLDER: writes FOLDER/trust_list anew, each named by the SHA-256 of its
// bytes. A signature is another one each time.
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/fuzz/seed_file.h"
#include "tests/mssante/signed_xml.h"
#include "tests/mssante/trust_list_builder.h"

namespace {

telavis::Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace telavis::test;
  if (argc != 2) {
    static_cast<void>(std::fputs("usage: make_trust_list_seeds FOLDER\n", stderr));
    return 2;
  }
  const Identity authority("Autorité fictive", nullptr);
  const Identity signer("liste.espace.test", &authority);
  const std::string small = trust_list_xml({{"a.test"}});
  const std::vector<telavis::Bytes> seeds = {bytes_of(small),
                                             bytes_of(trust_list_xml({{"chu.test", "CN=a.test"},
                                                                      {"chu.test", "CN=b.test"},
                                                                      {"Hôpital-Élan.test"},
                                                                      {"xn--hpital-lan-h7a9j.test"},
                                                                      {"no domain"}},
                                                                     "2026-01-06T06:00:00.5Z")),
                                             bytes_of(sign_xml(small, signer))};
  return write_seeds(std::filesystem::path(argv[1]) / "trust_list", seeds) ? 0 : 1;
}
