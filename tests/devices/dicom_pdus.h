// SPDX-License-Identifier: Apache-2.0
// PDUs and command sets by hand (PS3.8 9.3, PS3.7 E): whatever rule a test wants to break.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/bytes.h"

namespace telavis::test {

inline void put16be(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
inline void put32be(Bytes& out, std::size_t value) {
  put16be(out, value >> 16);
  put16be(out, value & 0xFFFF);
}
inline void put(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void put(Bytes& out, std::string_view text) {
  put(out, as_bytes(text));
}
inline Bytes pdu(std::uint8_t type, const Bytes& body) {
  Bytes out = {type, 0};
  put32be(out, body.size());
  put(out, body);
  return out;
}
inline Bytes item(std::uint8_t type, const Bytes& body) {
  Bytes out = {type, 0};
  put16be(out, body.size());
  put(out, body);
  return out;
}
inline Bytes text_item(std::uint8_t type, std::string_view text) {
  return item(type, Bytes(text.begin(), text.end()));
}

struct ProposedContext {
  std::uint8_t id = 1;
  std::string abstract_syntax;
  std::vector<std::string> transfer_syntaxes = {"1.2.840.10008.1.2.1"};
};

inline Bytes associate_request(const std::vector<ProposedContext>& contexts,
                               std::string calling = "CART", std::string called = "TELAVIS",
                               std::size_t max_pdu = 16384) {
  calling.resize(16, ' ');
  called.resize(16, ' ');
  Bytes body = {0, 1, 0, 0};
  put(body, called);
  put(body, calling);
  body.resize(body.size() + 32);
  put(body, text_item(0x10, "1.2.840.10008.3.1.1.1"));
  for (const ProposedContext& one : contexts) {
    Bytes context = {one.id, 0, 0, 0};
    put(context, text_item(0x30, one.abstract_syntax));
    for (const std::string& syntax : one.transfer_syntaxes) put(context, text_item(0x40, syntax));
    put(body, item(0x20, context));
  }
  Bytes user;
  Bytes length;
  put32be(length, max_pdu);
  put(user, item(0x51, length));
  put(user, text_item(0x52, "1.2.3.4"));
  put(body, item(0x50, user));
  return pdu(0x01, body);
}

/// One fragment in a PDU of its own. Control: 1 command, 2 last.
inline Bytes fragment(std::uint8_t context, std::uint8_t control, ByteView bytes) {
  Bytes body;
  put32be(body, bytes.size() + 2);
  body.push_back(context);
  body.push_back(control);
  put(body, bytes);
  return pdu(0x04, body);
}
inline constexpr std::uint8_t kCommandFragment = 1;
inline constexpr std::uint8_t kLastFragment = 2;

/// Implicit VR Little Endian, group 0000.
class CommandBytes {
 public:
  CommandBytes& number(std::uint16_t element, std::uint16_t value) {
    ByteWriter out(bytes_);
    out.u16le(0);
    out.u16le(element);
    out.u32le(2);
    out.u16le(value);
    return *this;
  }
  CommandBytes& uid(std::uint16_t element, std::string value) {
    if (value.size() % 2 != 0) value.push_back('\0');
    ByteWriter out(bytes_);
    out.u16le(0);
    out.u16le(element);
    out.u32le(static_cast<std::uint32_t>(value.size()));
    out.text(value);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

inline Bytes echo_command(std::uint16_t id) {
  return CommandBytes()
      .uid(0x0002, "1.2.840.10008.1.1")
      .number(0x0100, 0x0030)
      .number(0x0110, id)
      .number(0x0800, 0x0101)
      .bytes();
}
inline Bytes store_command(std::uint16_t id, const std::string& sop_class,
                           const std::string& instance) {
  return CommandBytes()
      .uid(0x0002, sop_class)
      .number(0x0100, 0x0001)
      .number(0x0110, id)
      .number(0x0700, 0)
      .number(0x0800, 0)
      .uid(0x1000, instance)
      .bytes();
}
inline Bytes find_command(std::uint16_t id) {
  return CommandBytes()
      .uid(0x0002, "1.2.840.10008.5.1.4.31")
      .number(0x0100, 0x0020)
      .number(0x0110, id)
      .number(0x0700, 0)
      .number(0x0800, 0)
      .bytes();
}
inline Bytes commitment_command(std::uint16_t id) {
  return CommandBytes()
      .uid(0x0003, "1.2.840.10008.1.20.1")
      .number(0x0100, 0x0130)
      .number(0x0110, id)
      .number(0x0800, 0)
      .uid(0x1001, "1.2.840.10008.1.20.1.1")
      .number(0x1008, 1)
      .bytes();
}

}  // namespace telavis::test
