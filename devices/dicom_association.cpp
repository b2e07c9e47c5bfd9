// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_association.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/cond.h>
#include <dcmtk/dcmnet/dcmlayer.h>
#include <dcmtk/dcmnet/dcmtrans.h>
#include <dcmtk/dcmnet/dul.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

#include "devices/dicom_request.h"
#include "formats/dicom_builder.h"
#include "formats/dicom_library.h"

namespace telavis {
namespace {

constexpr std::size_t kPduHeaderBytes = 6;  // PS3.8 9.3.1
constexpr std::uint8_t kAssociateRequest = 0x01;
// 128 presentation contexts (PS3.8 9.3.2.2) of a dozen transfer syntaxes each have 50 KB.
constexpr std::size_t kMaxRequestBytes = std::size_t{64} << 10;
// A-ABORT by the provider, unexpected PDU (PS3.8 9.3.8).
constexpr std::array<std::uint8_t, 10> kAbort = {0x07, 0, 0, 0, 0, 0x04, 0, 0, 0x02, 0x02};

/// The bytes of a connection, with TLS or without. What was read before DCMTK knew of it comes
/// first.
class Wire {
 public:
  Wire(int socket, std::shared_ptr<DcmTransportConnection> tls)
      : socket_(socket), tls_(std::move(tls)), buffer_(kPduHeaderBytes + kMaxRequestBytes) {
    const int on = 1;  // no TCP, as in a test: nothing to set
    static_cast<void>(::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
  }

  /// All of A-ASSOCIATE-RQ is in the buffer, written anew; false when anything else came.
  bool await_request() {
    if (!await(kPduHeaderBytes)) return false;
    ByteReader header(ByteView(buffer_).subspan(2));
    const std::size_t length = header.u32be().value_or(0);
    const std::size_t whole = kPduHeaderBytes + length;
    if (buffer_[0] == kAssociateRequest && length <= kMaxRequestBytes) {
      if (!await(whole)) return false;
      const auto request =
          rewritten_associate_request(ByteView(buffer_).subspan(kPduHeaderBytes, length));
      if (request && request->size() <= whole) {
        begin_ = whole - request->size();  // what follows stays where it is
        std::ranges::copy(*request, buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
        return true;
      }
    }
    static_cast<void>(write(kAbort.data(), kAbort.size()));
    return false;
  }

  ssize_t read(void* into, std::size_t count) {
    if (begin_ == end_) {
      begin_ = end_ = 0;
      const ssize_t got = receive(buffer_.data(), buffer_.size());
      if (got <= 0) return got;
      end_ = static_cast<std::size_t>(got);
    }
    const std::size_t taken = std::min(count, end_ - begin_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), taken,
                static_cast<std::uint8_t*>(into));
    begin_ += taken;
    return static_cast<ssize_t>(taken);
  }

  ssize_t write(const void* from, std::size_t count) {
    const auto* next = static_cast<const std::uint8_t*>(from);
    for (std::size_t left = count; left > 0;) {
      const ssize_t sent = send_some(next, left);
      if (sent < 0 && !tls_ && errno == EINTR) continue;
      if (sent <= 0) return -1;
      next += sent;
      left -= static_cast<std::size_t>(sent);
    }
    return static_cast<ssize_t>(count);
  }

  bool has_data(int seconds) {
    if (begin_ != end_) return true;
    if (tls_) return tls_->networkDataAvailable(seconds);
    pollfd one{socket_, POLLIN, 0};
    return ::poll(&one, 1, seconds * 1000) > 0;
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    if (tls_) tls_->close();
    ::shutdown(socket_, SHUT_RDWR);
  }

  DcmTransportConnection* tls() const { return tls_.get(); }

 private:
  bool await(std::size_t count) {
    while (end_ < count) {
      const ssize_t got = receive(buffer_.data() + end_, buffer_.size() - end_);
      if (got <= 0) return false;
      end_ += static_cast<std::size_t>(got);
    }
    return true;
  }

  ssize_t receive(std::uint8_t* into, std::size_t count) {
    if (closed_) return -1;
    ssize_t got = 0;
    do {
      got = tls_ ? tls_->read(into, count) : ::recv(socket_, into, count, 0);
    } while (got < 0 && !tls_ && errno == EINTR);
    // Senders that leave Nagle's algorithm on hold back the rest of a message until this one is
    // acknowledged; the kernel forgets the wish by itself.
    const int on = 1;
    static_cast<void>(::setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on)));
    return got;
  }

  ssize_t send_some(const std::uint8_t* from, std::size_t count) {
    if (closed_) return -1;
    if (!tls_) return ::send(socket_, from, count, MSG_NOSIGNAL);
    Bytes copy(from, from + count);  // DCMTK's signature wants to be able to write to it
    return tls_->write(copy.data(), copy.size());
  }

  int socket_;
  std::shared_ptr<DcmTransportConnection> tls_;
  Bytes buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool closed_ = false;
};

/// DCMTK's view of a wire that is ready. It owns the copy of the socket that DCMTK was given.
class WireConnection : public DcmTransportConnection {
 public:
  WireConnection(int copy, Wire& wire) : DcmTransportConnection(copy), copy_(copy), wire_(wire) {}
  ~WireConnection() override {
    wire_.close();
    ::close(copy_);
  }
  OFCondition serverSideHandshake() override { return EC_Normal; }
  OFCondition clientSideHandshake() override { return EC_IllegalCall; }
  OFCondition renegotiate(const char* /*suite*/) override { return EC_IllegalCall; }
  ssize_t read(void* into, size_t count) override { return wire_.read(into, count); }
  ssize_t write(void* from, size_t count) override { return wire_.write(from, count); }
  void close() override { wire_.close(); }
  void closeTransportConnection() override { wire_.close(); }
  unsigned long getPeerCertificateLength() override { return 0; }
  unsigned long getPeerCertificate(void* /*into*/, unsigned long /*size*/) override { return 0; }
  OFBool networkDataAvailable(int seconds) override { return wire_.has_data(seconds); }
  OFBool isTransparentConnection() override { return OFFalse; }  // it holds bytes of its own
  OFString& dumpConnectionParameters(OFString& text) override { return text = "wire"; }

 private:
  int copy_;
  Wire& wire_;
};

/// Gives DCMTK the wire, whether it asks for a secure layer or not.
class WireLayer : public DcmTransportLayer {
 public:
  explicit WireLayer(Wire& wire) : wire_(wire) {}
  DcmTransportConnection* createConnection(DcmNativeSocketType copy, OFBool /*secure*/) override {
    taken_ = true;
    return new WireConnection(copy, wire_);  // DCMTK deletes it
  }
  bool taken() const { return taken_; }

 private:
  Wire& wire_;
  bool taken_ = false;
};

std::string without_blanks(const char* title) {
  std::string_view text(title);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

T_ASC_RejectParameters parameters_of(DicomRejection why) {
  switch (why) {
    case DicomRejection::calling_unknown:
      return {ASC_RESULT_REJECTEDPERMANENT, ASC_SOURCE_SERVICEUSER,
              ASC_REASON_SU_CALLINGAETITLENOTRECOGNIZED};
    case DicomRejection::called_unknown:
      return {ASC_RESULT_REJECTEDPERMANENT, ASC_SOURCE_SERVICEUSER,
              ASC_REASON_SU_CALLEDAETITLENOTRECOGNIZED};
    case DicomRejection::busy:
      return {ASC_RESULT_REJECTEDTRANSIENT, ASC_SOURCE_SERVICEPROVIDER_PRESENTATION_RELATED,
              ASC_REASON_SP_PRES_TEMPORARYCONGESTION};
  }
  return {ASC_RESULT_REJECTEDPERMANENT, ASC_SOURCE_SERVICEUSER, ASC_REASON_SU_NOREASON};
}

struct Context {
  std::string abstract_syntax, transfer_syntax;
};

/// The first of `ours` that the peer proposes; nullptr when there is none.
const char* best_syntax(const T_ASC_PresentationContext& proposed,
                        const std::vector<std::string_view>& ours) {
  for (const std::string_view one : ours) {
    for (int i = 0; i < proposed.transferSyntaxCount; ++i) {
      if (one == proposed.proposedTransferSyntaxes[i]) return proposed.proposedTransferSyntaxes[i];
    }
  }
  return nullptr;
}

}  // namespace

struct DicomAssociation::State {
  State(int socket, std::shared_ptr<DcmTransportConnection> tls)
      : wire(socket, std::move(tls)), layer(wire) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (association != nullptr) {
      ASC_dropAssociation(association);
      ASC_destroyAssociation(&association);
    }
    if (network != nullptr) ASC_dropNetwork(&network);
    wire.close();
  }

  bool negotiate(int socket, std::size_t max_pdu);
  bool accept_context(const T_ASC_PresentationContext& proposed,
                      std::span<const DicomService> services);
  std::optional<DUL_PDV> next_pdv();

  Wire wire;
  WireLayer layer;
  T_ASC_Network* network = nullptr;
  T_ASC_Association* association = nullptr;
  std::map<std::uint8_t, Context> contexts;
  DicomPeer peer;
};

// DCMTK takes a socket that is connected already through a global variable. The request lies in the
// buffer, so nothing in here waits for a peer.
bool DicomAssociation::State::negotiate(int socket, std::size_t max_pdu) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  prepare_dicom_library();
  dcmDisableGethostbyaddr.set(OFTrue);  // a name server that does not answer would block everybody
  const int copy = ::dup(socket);
  if (copy < 0) return false;
  dcmExternalSocketHandle.set(copy);
  const bool received =
      ASC_initializeNetwork(NET_ACCEPTOR, 0, 1, &network).good() &&
      ASC_setTransportLayer(network, &layer, 0).good() &&
      ASC_receiveAssociation(network, &association, static_cast<long>(max_pdu)).good();
  dcmExternalSocketHandle.set(DCMNET_INVALID_SOCKET);
  if (!layer.taken()) ::close(copy);
  return received;
}

bool DicomAssociation::State::accept_context(const T_ASC_PresentationContext& proposed,
                                             std::span<const DicomService> services) {
  const auto service =
      std::ranges::find(services, std::string_view(proposed.abstractSyntax),
                        [](const DicomService& one) { return one.abstract_syntax; });
  const auto id = proposed.presentationContextID;
  if (service == services.end()) {
    return ASC_refusePresentationContext(association->params, id, ASC_P_ABSTRACTSYNTAXNOTSUPPORTED)
        .good();
  }
  const char* const syntax = best_syntax(proposed, service->transfer_syntaxes);
  if (syntax == nullptr) {
    return ASC_refusePresentationContext(association->params, id,
                                         ASC_P_TRANSFERSYNTAXESNOTSUPPORTED)
        .good();
  }
  contexts[id] = {std::string(service->abstract_syntax), syntax};
  return ASC_acceptPresentationContext(association->params, id, syntax).good();
}

/// nullopt: it is over.
std::optional<DUL_PDV> DicomAssociation::State::next_pdv() {
  DUL_PDV pdv{};
  if (DUL_NextPDV(&association->DULassociation, &pdv).good()) return pdv;
  const OFCondition read = DUL_ReadPDVs(&association->DULassociation, nullptr, DUL_BLOCK, 0);
  if (read == DUL_PEERREQUESTEDRELEASE) {
    ASC_acknowledgeRelease(association);
    return std::nullopt;
  }
  if (read != DUL_PDATAPDUARRIVED || DUL_NextPDV(&association->DULassociation, &pdv).bad()) {
    ASC_abortAssociation(association);
    return std::nullopt;
  }
  return pdv;
}

DicomAssociation::DicomAssociation(std::unique_ptr<State> state) : state_(std::move(state)) {}
DicomAssociation::~DicomAssociation() = default;

std::unique_ptr<DicomAssociation> DicomAssociation::receive(int socket, const DicomTls* tls,
                                                            std::size_t max_pdu) {
  std::shared_ptr<DcmTransportConnection> secured;
  if (tls != nullptr) {
    secured = tls->handshake(socket);
    if (!secured) return nullptr;
  }
  auto state = std::make_unique<State>(socket, std::move(secured));
  if (!state->wire.await_request() || !state->negotiate(socket, max_pdu)) return nullptr;
  std::array<char, DUL_LEN_TITLE + 1> calling{}, called{}, responding{};
  if (ASC_getAPTitles(state->association->params, calling.data(), calling.size(), called.data(),
                      called.size(), responding.data(), responding.size())
          .bad()) {
    return nullptr;
  }
  state->peer.calling = without_blanks(calling.data());
  state->peer.called = without_blanks(called.data());
  if (state->wire.tls() != nullptr) state->peer.certificate = shown_certificate(*state->wire.tls());
  return std::unique_ptr<DicomAssociation>(new DicomAssociation(std::move(state)));
}

const DicomPeer& DicomAssociation::peer() const {
  return state_->peer;
}

void DicomAssociation::reject(DicomRejection why) {
  const T_ASC_RejectParameters parameters = parameters_of(why);
  ASC_rejectAssociation(state_->association, &parameters);
}

bool DicomAssociation::accept(std::span<const DicomService> services) {
  T_ASC_Parameters* const parameters = state_->association->params;
  const int count = ASC_countPresentationContexts(parameters);
  for (int i = 0; i < count; ++i) {
    T_ASC_PresentationContext proposed{};
    if (ASC_getPresentationContext(parameters, i, &proposed).bad()) return false;
    if (!state_->accept_context(proposed, services)) return false;
  }
  // Ours, not the library's; both fit.
  kDicomImplementation.copy(std::begin(parameters->ourImplementationClassUID),
                            sizeof(parameters->ourImplementationClassUID) - 1);
  parameters->ourImplementationClassUID[kDicomImplementation.size()] = '\0';
  kDicomImplementationVersion.copy(std::begin(parameters->ourImplementationVersionName),
                                   sizeof(parameters->ourImplementationVersionName) - 1);
  parameters->ourImplementationVersionName[kDicomImplementationVersion.size()] = '\0';
  return ASC_acknowledgeAssociation(state_->association).good();
}

std::string_view DicomAssociation::abstract_syntax(std::uint8_t context) const {
  const auto found = state_->contexts.find(context);
  return found == state_->contexts.end() ? std::string_view() : found->second.abstract_syntax;
}

std::string_view DicomAssociation::transfer_syntax(std::uint8_t context) const {
  const auto found = state_->contexts.find(context);
  return found == state_->contexts.end() ? std::string_view() : found->second.transfer_syntax;
}

std::optional<DicomCommand> DicomAssociation::next_command() {
  Bytes bytes;
  std::optional<std::uint8_t> context;
  while (true) {
    const auto pdv = state_->next_pdv();
    if (!pdv) return std::nullopt;
    const ByteView fragment(static_cast<const std::uint8_t*>(pdv->data), pdv->fragmentLength);
    const bool fits = bytes.size() + fragment.size() <= kMaxDicomCommandBytes;
    if (pdv->pdvType != DUL_COMMANDPDV || !fits ||
        context.value_or(pdv->presentationContextID) != pdv->presentationContextID ||
        !state_->contexts.contains(pdv->presentationContextID)) {
      break;
    }
    context = pdv->presentationContextID;
    bytes.insert(bytes.end(), fragment.begin(), fragment.end());
    if (!pdv->lastPDV) continue;
    auto command = parse_dicom_command(bytes);
    if (!command) break;
    command->context = *context;
    return command;
  }
  abort();
  return std::nullopt;
}

bool DicomAssociation::read_data(std::uint8_t context, const std::function<bool(ByteView)>& sink) {
  while (true) {
    const auto pdv = state_->next_pdv();
    if (!pdv) return false;
    const ByteView fragment(static_cast<const std::uint8_t*>(pdv->data), pdv->fragmentLength);
    if (pdv->pdvType != DUL_DATASETPDV || pdv->presentationContextID != context ||
        !sink(fragment)) {
      abort();
      return false;
    }
    if (pdv->lastPDV) return true;
  }
}

bool DicomAssociation::send(std::uint8_t context, const DicomReply& reply, ByteView data) {
  const auto write = [&](DUL_DATAPDV type, Bytes bytes) {
    // A fragment has an even length (PS3.8 9.3.5.1).
    const std::size_t most = state_->association->sendPDVLength & ~std::size_t{1};
    if (most == 0) return false;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t count = std::min(most, bytes.size() - at);
      DUL_PDV pdv{count, context, type, at + count == bytes.size(), bytes.data() + at};
      DUL_PDVLIST list{};
      list.count = 1;
      list.pdv = &pdv;
      if (DUL_WritePDVs(&state_->association->DULassociation, &list).bad()) return false;
      at += count;
    }
    return true;
  };
  return write(DUL_COMMANDPDV, dicom_command_bytes(reply)) &&
         (data.empty() || write(DUL_DATASETPDV, Bytes(data.begin(), data.end())));
}

void DicomAssociation::abort() {
  ASC_abortAssociation(state_->association);
}

}  // namespace telavis
