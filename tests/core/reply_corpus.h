// SPDX-License-Identifier: Apache-2.0
// Answers of experts as doctors write them, and what each must be read as. Every person is fictive.
#pragma once

#include <string>
#include <vector>

#include "engine/core/mail_reply.h"

namespace telavis::test {

struct ExpectedReply {
  std::string name;  // of the text and of the mail program around it
  IncomingMail mail;
  ReplyReading::Kind kind = ReplyReading::Kind::unclear;
  bool urgent = false;
  std::string conclusion, conduct, delay, question, reason;
  /// Clear for a person: an unclear reading of it lowers the recall.
  bool clear = true;
};

/// Every text of an expert in every mail program, and those that are ambiguous in themselves.
std::vector<ExpectedReply> reply_corpus();

}  // namespace telavis::test
