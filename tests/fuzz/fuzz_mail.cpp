// SPDX-License-Identifier: Apache-2.0
// A mail from the wire, and what is read out of it: form and reply.
#include <cstdint>
#include <cstdlib>

#include "engine/core/mail_reply.h"
#include "formats/text.h"
#include "mssante/mail_reader.h"
#include "mssante/tnef.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telavis;
  const ByteView bytes(data, size);
  static_cast<void>(read_tnef(bytes));
  const auto mail = read_mail(bytes);
  if (!mail) return 0;
  if (!is_valid_utf8(mail->text) || !is_valid_utf8(mail->subject) ||
      !is_valid_utf8(mail->forwarded_text) || !is_valid_utf8(mail->from_label)) {
    std::abort();
  }
  if (mail->text.size() > kMaxMailTextBytes || mail->attachments.size() > kMaxMailAttachments) {
    std::abort();
  }
  for (const MailAttachment& file : mail->attachments) {
    if (file.name.empty() || file.name.find_first_of("/\\\n") != std::string::npos ||
        !is_valid_utf8(file.name)) {
      std::abort();
    }
  }
  static_cast<void>(read_reply(*mail));
  return 0;
}
