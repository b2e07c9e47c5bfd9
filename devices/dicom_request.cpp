// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_request.h"

#include <bitset>
#include <cstdint>
#include <string_view>

#include "devices/dicom_command.h"

namespace telavis {
namespace {

constexpr std::uint8_t kAssociateRequest = 0x01;
constexpr std::uint8_t kApplicationContext = 0x10;
constexpr std::uint8_t kPresentationContext = 0x20;
constexpr std::uint8_t kAbstractSyntax = 0x30;
constexpr std::uint8_t kTransferSyntax = 0x40;
constexpr std::uint8_t kUserInformation = 0x50;
constexpr std::uint8_t kMaximumLength = 0x51;
constexpr std::size_t kTitlesAt = 4;  // called, then calling
constexpr std::size_t kTitleBytes = 16;
constexpr std::size_t kFixedBytes = 68;           // versions, titles, reserved
constexpr std::size_t kMaxTransferSyntaxes = 50;  // DICOM_MAXTRANSFERSYNTAXES of DCMTK

struct Item {
  std::uint8_t type = 0;
  ByteView body;
};

std::optional<Item> next_item(ByteReader& reader) {
  const auto type = reader.u8();
  if (!type || !reader.skip(1)) return std::nullopt;
  const auto length = reader.u16be();
  if (!length) return std::nullopt;
  const auto body = reader.take(*length);
  if (!body) return std::nullopt;
  return Item{*type, *body};
}

void put_item(Bytes& into, std::uint8_t type, ByteView body) {
  ByteWriter out(into);
  out.u8(type);
  out.u8(0);
  out.u16be(static_cast<std::uint16_t>(body.size()));
  out.bytes(body);
}

/// An AE title (PS3.5 6.2) that says something, with blanks in place of the zeros that some pad
/// with. Empty: it is none.
Bytes title_of(ByteView field) {
  Bytes title(field.begin(), field.end());
  bool blank = true;
  for (std::uint8_t& c : title) {
    if (c == 0) c = ' ';
    if (c < ' ' || c > '~' || c == '\\') return {};
    blank = blank && c == ' ';
  }
  return blank ? Bytes() : title;
}

/// Padding, which is not allowed here, is a habit of some.
std::optional<ByteView> uid_of(ByteView body) {
  while (!body.empty() && (body.back() == 0 || body.back() == ' '))
    body = body.first(body.size() - 1);
  if (!is_uid_text(as_text(body))) return std::nullopt;
  return body;
}

class Rewriter {
 public:
  explicit Rewriter(ByteView body) : body_(body) {}

  std::optional<Bytes> pdu() {
    if (body_.size() < kFixedBytes) return std::nullopt;
    ByteReader reader(body_);
    reader.skip(kFixedBytes);
    const Bytes called = title_of(body_.subspan(kTitlesAt, kTitleBytes));
    const Bytes calling = title_of(body_.subspan(kTitlesAt + kTitleBytes, kTitleBytes));
    if (called.empty() || calling.empty()) return std::nullopt;
    while (reader.remaining() > 0) {
      const auto item = next_item(reader);
      if (!item || !take(*item)) return std::nullopt;
    }
    if (application_.empty() || contexts_.empty() || user_.empty()) return std::nullopt;
    Bytes pdu;
    ByteWriter out(pdu);
    out.u8(kAssociateRequest);
    out.u8(0);
    out.u32be(static_cast<std::uint32_t>(kFixedBytes + application_.size() + contexts_.size() +
                                         user_.size()));
    out.bytes(body_.first(kTitlesAt));
    out.bytes(called);
    out.bytes(calling);
    out.bytes(
        body_.subspan(kTitlesAt + 2 * kTitleBytes, kFixedBytes - kTitlesAt - 2 * kTitleBytes));
    out.bytes(application_);
    out.bytes(contexts_);
    out.bytes(user_);
    return pdu;
  }

 private:
  bool take(const Item& item) {
    if (item.type == kApplicationContext) {
      const auto uid = uid_of(item.body);
      if (!uid || !application_.empty()) return false;
      put_item(application_, kApplicationContext, *uid);
      return true;
    }
    if (item.type == kPresentationContext) return take_context(item.body);
    if (item.type == kUserInformation) return take_user(item.body);
    return true;  // reserved for later versions (PS3.8 9.3.1)
  }

  bool take_context(ByteView body) {
    ByteReader reader(body);
    const auto id = reader.u8();
    if (!id || *id % 2 == 0 || ids_.test(*id) || !reader.skip(3)) return false;
    ids_.set(*id);
    Bytes abstract, transfers;
    std::size_t count = 0;
    while (reader.remaining() > 0) {
      const auto item = next_item(reader);
      if (!item) return false;
      const bool is_abstract = item->type == kAbstractSyntax;
      if (!is_abstract && item->type != kTransferSyntax) continue;
      const auto uid = uid_of(item->body);
      if (!uid || (is_abstract && !abstract.empty())) return false;
      if (is_abstract) {
        put_item(abstract, item->type, *uid);
      } else if (++count <= kMaxTransferSyntaxes) {
        put_item(transfers, item->type, *uid);
      }
    }
    if (abstract.empty() || transfers.empty()) return false;
    Bytes context = {*id, 0, 0, 0};
    context.insert(context.end(), abstract.begin(), abstract.end());
    context.insert(context.end(), transfers.begin(), transfers.end());
    put_item(contexts_, kPresentationContext, context);
    return true;
  }

  bool take_user(ByteView body) {
    if (!user_.empty()) return false;
    ByteReader reader(body);
    Bytes length;
    while (reader.remaining() > 0) {
      const auto item = next_item(reader);
      if (!item) return false;
      if (item->type != kMaximumLength) continue;
      if (item->body.size() != sizeof(std::uint32_t) || !length.empty()) return false;
      put_item(length, kMaximumLength, item->body);
    }
    if (length.empty()) return false;
    put_item(user_, kUserInformation, length);
    return true;
  }

  ByteView body_;
  std::bitset<256> ids_;
  Bytes application_, contexts_, user_;
};

}  // namespace

std::optional<Bytes> rewritten_associate_request(ByteView body) {
  return Rewriter(body).pdu();
}

}  // namespace telavis
