// SPDX-License-Identifier: Apache-2.0
#include "engine/core/received_mail.h"

#include <string>

namespace telavis {
namespace {

std::string mail_key_binding(const std::string& id) {
  return "received-key/" + id;
}
std::string mail_binding(const std::string& id) {
  return "received/" + id;
}

}  // namespace

void seal_received(ReceivedMail& mail, const KeyRing& ring, Random& random, ByteView mime) {
  const Key key = random_key(random);
  mail.wrapped_key = ring.wrap(random, mail_key_binding(mail.id), key);
  mail.sealed = seal_stream(key, mail_binding(mail.id), mime);
}

Result<Bytes> open_received(const ReceivedMail& mail, const KeyRing& ring) {
  if (mail.wrapped_key.empty()) {
    return fail(ErrorCode::not_found,
                "The content of this mail was erased: ask its sender when it is needed.");
  }
  const auto key = ring.unwrap(mail_key_binding(mail.id), mail.wrapped_key);
  if (!key) return tl::unexpected(key.error());
  return unseal_stream(*key, mail_binding(mail.id), mail.sealed);
}

Result<Bytes> rewrapped_received(const ReceivedKey& key, const KeyRing& ring, Random& random) {
  const auto plain = ring.unwrap(mail_key_binding(key.id), key.wrapped);
  if (!plain) return tl::unexpected(plain.error());
  return ring.wrap(random, mail_key_binding(key.id), *plain);
}

}  // namespace telavis
