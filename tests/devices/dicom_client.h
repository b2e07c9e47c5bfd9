// SPDX-License-Identifier: Apache-2.0
// A device of a few lines, which knows nothing of what the server is made of.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "tests/devices/dicom_pdus.h"

namespace telavis::test {

struct Pdu {
  std::uint8_t type = 0;
  Bytes body;
};

/// What the server says: a whole message.
struct Message {
  Bytes command, data;

  std::optional<std::uint16_t> number(std::uint16_t element) const {
    ByteReader reader(command);
    while (reader.remaining() >= 8) {
      reader.skip(2);
      const auto found = reader.u16le();
      const auto length = reader.u32le();
      const auto value = reader.take(*length);
      if (!value) return std::nullopt;
      if (*found == element) return ByteReader(*value).u16le();
    }
    return std::nullopt;
  }
  std::uint16_t field() const { return number(0x0100).value_or(0xFFFF); }
  std::uint16_t status() const { return number(0x0900).value_or(0xFFFF); }
  bool has_data() const { return number(0x0800) != 0x0101; }
};

class DicomClient {
 public:
  /// `from`: one of the addresses 127.0.0.x.
  explicit DicomClient(std::uint16_t port, const char* from = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    EXPECT_EQ(::inet_pton(AF_INET, from, &address.sin_addr), 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~DicomClient() { ::close(socket_); }
  DicomClient(const DicomClient&) = delete;
  DicomClient& operator=(const DicomClient&) = delete;

  bool send(const Bytes& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t sent = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      at += static_cast<std::size_t>(sent);
    }
    return true;
  }
  void end() { ::shutdown(socket_, SHUT_WR); }

  /// nullopt: the server ended it.
  std::optional<Pdu> read() {
    Bytes header(6);
    if (!fill(header)) return std::nullopt;
    Pdu read{header[0], {}};
    ByteReader length(ByteView(header).subspan(2));
    read.body.resize(length.u32be().value_or(0));
    if (!fill(read.body)) return std::nullopt;
    return read;
  }
  /// Type of the next PDU, 0 when the connection ended.
  int read_type() {
    const auto next = read();
    return next ? next->type : 0;
  }
  /// True when the server accepted.
  bool associate(const std::vector<ProposedContext>& contexts, const std::string& calling = "CART",
                 std::size_t max_pdu = 16384) {
    return send(associate_request(contexts, calling, "TELAVIS", max_pdu)) && read_type() == 0x02;
  }
  /// A whole message in fragments of at most `most` bytes.
  bool send_message(std::uint8_t context, const Bytes& command, const Bytes& data = {},
                    std::size_t most = 16000) {
    if (!send(fragment(context, kCommandFragment | kLastFragment, command))) return false;
    for (std::size_t at = 0; at < data.size(); at += most) {
      const std::size_t count = std::min(most, data.size() - at);
      const std::uint8_t last = at + count == data.size() ? kLastFragment : 0;
      if (!send(fragment(context, last, ByteView(data).subspan(at, count)))) return false;
    }
    return true;
  }
  std::optional<Message> read_message() {
    Message message;
    bool command_ended = false;
    while (true) {
      const auto next = read();
      if (!next || next->type != 0x04) return std::nullopt;
      ByteReader reader(next->body);
      while (const auto length = reader.u32be()) {
        const auto fragment = reader.take(*length);
        if (!fragment || fragment->size() < 2) return std::nullopt;
        const std::uint8_t control = (*fragment)[1];
        put((control & 1) != 0 ? message.command : message.data, fragment->subspan(2));
        if ((control & kLastFragment) == 0) continue;
        command_ended = command_ended || (control & 1) != 0;
        if ((control & 1) == 0 || !message.has_data()) return message;
      }
    }
  }
  bool release() { return send(pdu(0x05, Bytes(4))) && read_type() == 0x06; }

 private:
  bool fill(Bytes& into) {
    for (std::size_t at = 0; at < into.size();) {
      const ssize_t got = ::recv(socket_, into.data() + at, into.size() - at, 0);
      if (got <= 0) return false;
      at += static_cast<std::size_t>(got);
    }
    return true;
  }
  int socket_;
};

}  // namespace telavis::test
