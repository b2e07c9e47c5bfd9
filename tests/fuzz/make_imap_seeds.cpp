// SPDX-License-Identifier: Apache-2.0
// make_imap_seeds OUT_DIR: writes the first inputs of fuzz_imap, one session each, as
// OUT_DIR/imap/<SHA-256> (the committed ones are in fixtures/fuzz).
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/fuzz/seed_file.h"

namespace {

telavis::Bytes seed(char piece, const std::string& said) {
  const std::string text = piece + said;
  const auto view = telavis::as_bytes(text);
  return {view.begin(), view.end()};
}

const std::string kOpened =
    "* FLAGS (\\Answered \"odd flag\")\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 7] UIDs valid\r\n"
    "T1 OK [READ-ONLY] Examine completed.\r\n";

std::vector<telavis::Bytes> seeds() {
  return {
      seed('\xff', kOpened +
                       "* SEARCH 4 9\r\nT2 OK done\r\n"
                       "* 1 FETCH (UID 4 RFC822.SIZE 5 BODY[]<0> {5}\r\na\r\nb))\r\nT3 OK done\r\n"
                       "* 2 FETCH (BODY[] \"a\\\"b\" UID 9)\r\nT4 OK done\r\n"),
      seed('\x01', kOpened +
                       "* ESEARCH (TAG \"T2\") UID ALL 4:6,9 COUNT 4\r\nT2 OK done\r\n"
                       "T3 NO [SERVERBUG] no\r\n* 2 FETCH (UID 5 BODY[] NIL)\r\nT4 OK done\r\n"
                       "* 3 FETCH (UID 6 RFC822.SIZE 200 BODY[]<0> {65}\r\nA: b\r\n\r\n" +
                       std::string(57, 'x') + ")\r\nT5 OK done\r\n* 4 EXPUNGE\r\nT6 OK done\r\n"),
      seed('\x10', kOpened + "* BYE [UNAVAILABLE] {3}\r\n"),
      seed('\x20',
           "* LIST (\\Noselect) \"/\" {5}\r\nINBOX\r\n+ go on\r\n* PREAUTH\r\n\r\n"
           "* 3 FETCH (ENVELOPE (\"x\" NIL ((NIL NIL \"a\" \"b\")) ~{2}\r\n)( \"\") "
           "BODY[HEADER.FIELDS (SUBJECT)]<0> {2+}\r\nab MODSEQ (5))\r\n"
           "* SEARCH 2 5 (MODSEQ 917162500)\r\nT1 BAD\r\n"),
  };
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_imap_seeds OUT_DIR\n";
    return 2;
  }
  return telavis::test::write_seeds(std::filesystem::path(argv[1]) / "imap", seeds()) ? 0 : 1;
}
