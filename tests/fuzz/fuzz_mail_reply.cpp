// SPDX-License-Identifier: Apache-2.0
// An expert's text: what is taken stands in it, word for word.
#include <cstdint>
#include <cstdlib>

#include "engine/core/mail_lines.h"
#include "engine/core/mail_reply.h"
#include "formats/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  IncomingMail mail;
  mail.from = "paul.martin@medecin.test";
  mail.from_label = "Dr Paul Martin";
  mail.text = text_from_device({data, size});
  const ReplyReading reading = read_reply(mail);
  if (reading.kind == ReplyReading::Kind::unclear) {
    if (reading.doubts.empty() || !reading.conclusion.empty()) std::abort();
    return 0;
  }
  if (!reading.doubts.empty()) std::abort();
  if (reading.kind == ReplyReading::Kind::opinion) {
    if (reading.conclusion.empty()) std::abort();
    if (!parse_opinion(opinion_json(opinion_of(reading)))) std::abort();
  }
  const std::string words = folded_text(reading.own_words);
  for (const std::string* part :
       {&reading.conclusion, &reading.delay, &reading.question, &reading.reason}) {
    if (words.find(folded_text(*part)) == std::string::npos) std::abort();
  }
  return 0;
}
