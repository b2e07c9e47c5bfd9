// SPDX-License-Identifier: Apache-2.0
#include "devices/dicom_session.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "devices/dicom_data.h"
#include "devices/dicom_spool.h"
#include "devices/dicom_worklist.h"
#include "engine/core/time.h"
#include "formats/dicom.h"
#include "formats/dicom_tags.h"
#include "formats/dicom_values.h"

namespace telavis {
namespace {

constexpr std::string_view kVerification = "1.2.840.10008.1.1";
constexpr std::string_view kStorageCommitment = "1.2.840.10008.1.20.1";            // push model
constexpr std::string_view kStorageCommitmentInstance = "1.2.840.10008.1.20.1.1";  // well-known
constexpr std::uint16_t kRequestCommitment = 1;  // Action Type ID (PS3.4 J.3.2)
constexpr std::uint16_t kAllCommitted = 1;       // Event Type ID (PS3.4 J.3.3)
constexpr std::uint16_t kSomeNotCommitted = 2;
constexpr std::size_t kNoSuchInstance = 0x0112;  // Failure Reason (PS3.3 C.14.1.1)

constexpr std::uint32_t kReferencedClass = 0x00081150;
constexpr std::uint32_t kReferencedInstance = 0x00081155;
constexpr std::uint32_t kTransaction = 0x00081195;
constexpr std::uint32_t kFailureReason = 0x00081197;
constexpr std::uint32_t kFailedObjects = 0x00081198;
constexpr std::uint32_t kReferencedObjects = 0x00081199;

// A worklist's query has a kilobyte or two.
constexpr std::size_t kMaxQueryBytes = std::size_t{64} << 10;
// A day of a busy cart; an item has some 130 bytes.
constexpr std::size_t kMaxCommitmentBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxCommitted = 5000;
// Of an object that is too large so much more is received, for the sake of an answer that says so.
constexpr std::size_t kDiscardedTimes = 4;

Error not_of_class() {
  return {ErrorCode::invalid_field, "The object is not the one that was announced."};
}

/// The object's own UIDs are those of the command, where it can be read that far.
bool is_announced(ByteView file, const DicomCommand& command) {
  const auto walked = walk_dicom(file);
  if (!walked) return true;  // kept as what cannot be read
  const auto agrees = [&](std::uint32_t tag, const std::string& announced) {
    const std::string_view own = dicom_raw_text(walked->dataset, tag);
    return own.empty() || own == announced;
  };
  return agrees(dicom_tag::kSopClass, command.sop_class) &&
         agrees(dicom_tag::kSopInstance, command.sop_instance);
}

class Session {
 public:
  Session(DicomAssociation& association, DicomShared& shared, DicomDeadline& deadline,
          SendingDevice device)
      : association_(association),
        shared_(shared),
        deadline_(deadline),
        device_(std::move(device)) {}

  void run() {
    while (true) {
      deadline_.allow(shared_.config.limits.idle);
      const auto command = association_.next_command();
      if (!command || !answer(*command)) return;
    }
  }

 private:
  bool answer(const DicomCommand& command) {
    const std::string_view abstract = association_.abstract_syntax(command.context);
    switch (command.field) {
      case dicom_field::kEcho:
        if (command.has_data) break;
        return reply(command, dicom_status::kSuccess);
      case dicom_field::kFind:
        if (!command.has_data || abstract != kModalityWorklist) break;
        return find(command);
      case dicom_field::kAction:
        if (abstract != kStorageCommitment) break;
        return commit(command);
      case dicom_field::kStore:
        if (!command.has_data || abstract == kVerification || abstract == kModalityWorklist ||
            abstract == kStorageCommitment) {
          break;
        }
        return store(command);
      case dicom_field::kCancel:  // all answers of a query have left before it can be read
      case dicom_field::kEventReport | dicom_field::kAnswer:
        if (command.has_data) break;
        return true;
      default:
        break;
    }
    association_.abort();  // what none of the negotiated services knows
    return false;
  }

  DicomReply reply_to(const DicomCommand& command, std::uint16_t status) const {
    DicomReply reply;
    reply.field = static_cast<std::uint16_t>(command.field | dicom_field::kAnswer);
    reply.answers = command.message_id;
    reply.status = status;
    reply.sop_class = command.sop_class;
    reply.sop_instance = command.sop_instance;
    reply.action = command.action_type;
    return reply;
  }

  bool reply(const DicomCommand& command, std::uint16_t status, const std::string& comment = {}) {
    deadline_.allow(shared_.config.limits.idle);
    DicomReply reply = reply_to(command, status);
    reply.comment = comment;
    return association_.send(command.context, reply);
  }

  /// Every fragment with something in it gains time; empty ones do not.
  bool receive(const DicomCommand& command, const std::function<bool(ByteView)>& sink) {
    return association_.read_data(command.context, [&](ByteView fragment) {
      if (!fragment.empty()) deadline_.allow(shared_.config.limits.idle);
      return sink(fragment);
    });
  }

  /// A small data set whole. nullopt: the association is over, also when it exceeds `most`.
  std::optional<Bytes> receive_small(const DicomCommand& command, std::size_t most) {
    Bytes bytes;
    const bool whole = receive(command, [&](ByteView fragment) {
      if (bytes.size() + fragment.size() > most) return false;
      bytes.insert(bytes.end(), fragment.begin(), fragment.end());
      return true;
    });
    if (!whole) return std::nullopt;
    return bytes;
  }

  bool store(const DicomCommand& command);
  Result<TakenExam> take(const DicomCommand& command);
  bool find(const DicomCommand& command);
  bool commit(const DicomCommand& command);
  bool report(const DicomCommand& command, const DicomItem& request);

  DicomAssociation& association_;
  DicomShared& shared_;
  DicomDeadline& deadline_;
  SendingDevice device_;
  DicomSpool spool_;
  std::uint16_t next_message_ = 1;
};

bool Session::store(const DicomCommand& command) {
  const std::size_t most = shared_.config.limits.object_bytes;
  std::optional<Error> failed;
  const auto keep = [&](ByteView bytes) {
    if (failed) return;
    if (spool_.size() + bytes.size() > most) {
      failed = Error{ErrorCode::limit_exceeded, "The object is larger than what is received here."};
    } else if (const auto kept = spool_.append(bytes); !kept) {
      failed = kept.error();
    }
  };
  std::uint16_t refused = dicom_status::kSuccess;
  if (!is_uid_text(command.sop_instance)) refused = dicom_status::kInvalidInstance;
  if (command.sop_class != association_.abstract_syntax(command.context))
    refused = dicom_status::kClassNotSupported;
  if (const auto begun = spool_.begin(shared_.config.spool_folder); !begun) failed = begun.error();
  if (refused == dicom_status::kSuccess) {
    keep(dicom_file_start(command.sop_class, command.sop_instance,
                          association_.transfer_syntax(command.context)));
  }
  std::size_t received = 0;
  const bool whole = receive(command, [&](ByteView fragment) {
    received += fragment.size();
    if (refused == dicom_status::kSuccess) keep(fragment);
    return received <= kDiscardedTimes * most;
  });
  if (!whole) return false;
  if (refused != dicom_status::kSuccess) {
    ++shared_.counters.not_taken;
    return reply(command, refused, "The UIDs of the command cannot be used.");
  }
  if (received == 0) failed = Error{ErrorCode::no_exam, "The object is empty."};
  deadline_.suspend();
  const Result<TakenExam> taken = failed ? tl::unexpected(*failed) : take(command);
  if (!taken) {
    ++shared_.counters.not_taken;
    const bool other = taken.error().code == ErrorCode::invalid_field;
    return reply(command, other ? dicom_status::kNotOfClass : dicom_status_of(taken.error()),
                 taken.error().text);
  }
  ++shared_.counters.objects;
  if (taken->outcome == ExamTaken::unreadable) {
    ++shared_.counters.unreadable;
    return reply(command, dicom_status::kCannotUnderstand,
                 taken->why ? taken->why->text : "Kept, and cannot be read.");
  }
  return reply(command, dicom_status::kSuccess);
}

Result<TakenExam> Session::take(const DicomCommand& command) {
  const auto slot = shared_.slots.take();
  auto bytes = spool_.load();
  if (!bytes) return tl::unexpected(bytes.error());
  if (!is_announced(*bytes, command)) return tl::unexpected(not_of_class());
  const UploadedFile file{"dicom:" + association_.peer().calling, command.sop_instance + ".dcm",
                          std::move(*bytes)};
  return shared_.door.take(device_, file, command.sop_instance);
}

bool Session::find(const DicomCommand& command) {
  const auto data = receive_small(command, kMaxQueryBytes);
  if (!data) return false;
  ++shared_.counters.queries;
  const auto read = read_dicom_data(*data, association_.transfer_syntax(command.context));
  if (!read) return reply(command, dicom_status::kCannotUnderstand, read.error().text);
  deadline_.suspend();
  const auto awaited = shared_.door.awaited(device_);
  if (!awaited) return reply(command, dicom_status_of(awaited.error()), awaited.error().text);
  const auto& zone = shared_.config.time_zone;
  const auto now = local_time(shared_.clock.now(), zone);
  if (!now) return reply(command, dicom_status::kProcessingFailure, now.error().text);

  const WorklistQuery query = read_worklist_query(read->elements);
  std::size_t sent = 0;
  for (const AwaitedExam& exam : *awaited) {
    if (sent == shared_.config.limits.worklist_entries) break;
    const auto asked = local_time(exam.asked_at, zone);
    if (!asked) continue;
    const bool today = asked->date == now->date;
    const DicomInstant instant =
        dicom_instant(now->date + "T" + (today ? asked->time : std::string("00:00:00")));
    const WorklistEntry entry{exam, association_.peer().calling, instant.date, instant.time,
                              worklist_modality(query)};
    if (!matches(query, entry)) continue;
    ++sent;
    DicomReply pending = reply_to(command, dicom_status::kPending);
    pending.has_data = true;
    deadline_.allow(shared_.config.limits.idle);
    if (!association_.send(command.context, pending,
                           dicom_data_bytes(worklist_item(entry),
                                            association_.transfer_syntax(command.context)))) {
      return false;
    }
  }
  return reply(command, dicom_status::kSuccess);
}

bool Session::commit(const DicomCommand& command) {
  std::optional<Bytes> data = Bytes();
  if (command.has_data) data = receive_small(command, kMaxCommitmentBytes);
  if (!data) return false;
  ++shared_.counters.commitments;
  if (command.sop_instance != kStorageCommitmentInstance)
    return reply(command, dicom_status::kInvalidInstance);
  if (command.action_type != kRequestCommitment) return reply(command, dicom_status::kNoSuchAction);
  const auto read = read_dicom_data(*data, association_.transfer_syntax(command.context));
  if (!read) return reply(command, dicom_status::kInvalidArgument, read.error().text);
  return report(command, read->elements);
}

/// The answer and, at once and on the same association, the report. A device that has released the
/// association before asks again: nobody knows where else it would listen.
bool Session::report(const DicomCommand& command, const DicomItem& request) {
  const std::string_view transaction = dicom_raw_text(request, kTransaction);
  const std::vector<DicomItem> objects = dicom_items(request, kReferencedObjects);
  std::vector<std::string> ids;
  ids.reserve(objects.size());
  for (const DicomItem& one : objects) ids.emplace_back(dicom_raw_text(one, kReferencedInstance));
  if (!is_uid_text(transaction) || ids.empty() || ids.size() > kMaxCommitted ||
      !std::ranges::all_of(ids, is_uid_text)) {
    return reply(command, dicom_status::kInvalidArgument,
                 "Name a transaction and the objects, a few thousand at most.");
  }
  deadline_.suspend();
  const auto kept = shared_.door.keeps(device_, ids);
  if (!kept || kept->size() != ids.size())
    return reply(command, dicom_status::kProcessingFailure,
                 kept ? std::string() : kept.error().text);
  if (!reply(command, dicom_status::kSuccess)) return false;

  DicomBuilder data;
  data.text(kTransaction, "UI", transaction);
  bool all = true;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    DicomBuilder item;
    item.text(kReferencedClass, "UI", dicom_raw_text(objects[i], kReferencedClass));
    item.text(kReferencedInstance, "UI", ids[i]);
    const bool is_kept = (*kept)[i];
    all = all && is_kept;
    if (!is_kept) item.u16(kFailureReason, kNoSuchInstance);
    data.item(is_kept ? kReferencedObjects : kFailedObjects, item);
  }
  DicomReply event;
  event.field = dicom_field::kEventReport;
  event.message_id = next_message_++;
  event.has_data = true;
  event.sop_class = kStorageCommitment;
  event.sop_instance = kStorageCommitmentInstance;
  event.event = all ? kAllCommitted : kSomeNotCommitted;
  return association_.send(command.context, event,
                           dicom_data_bytes(data, association_.transfer_syntax(command.context)));
}

void serve(int socket, const std::string& peer, DicomShared& shared, DicomDeadline& deadline) {
  deadline.allow(shared.config.limits.request);
  const auto association =
      DicomAssociation::receive(socket, shared.tls.get(), shared.config.limits.pdu_bytes);
  if (!association) return;
  const DicomPeer& who = association->peer();
  const auto refuse = [&](DicomRejection why) {
    ++shared.counters.refused;
    association->reject(why);
  };
  if (who.called != shared.config.ae_title) return refuse(DicomRejection::called_unknown);
  const auto device =
      shared.door.admit({DeviceProof::ae_title, who.calling, who.certificate, peer});
  if (!device) {
    return refuse(device.error().code == ErrorCode::forbidden ? DicomRejection::calling_unknown
                                                              : DicomRejection::busy);
  }
  const auto place = shared.enter(device->id);
  if (!place) return refuse(DicomRejection::busy);
  ++shared.counters.associations;
  deadline.establish();
  std::vector<DicomService> offered = dicom_services();
  if (!shared.config.worklist) {
    std::erase_if(offered,
                  [](const DicomService& one) { return one.abstract_syntax == kModalityWorklist; });
  }
  if (!association->accept(offered)) return;
  Session(*association, shared, deadline, *device).run();
}

}  // namespace

const std::vector<DicomService>& dicom_services() {
  static const std::vector<DicomService> all = [] {
    std::vector<std::string_view> uncompressed = {kExplicitLittle, kImplicitLittle};
    std::vector<std::string_view> readable;
    for (const DicomUidName& one : dicom_transfer_syntaxes()) readable.push_back(one.uid);
    std::vector<DicomService> made;
    for (const std::string_view one : {kVerification, kModalityWorklist, kStorageCommitment})
      made.push_back({one, uncompressed});
    for (const DicomUidName& one : dicom_storage_classes()) made.push_back({one.uid, readable});
    return made;
  }();
  return all;
}

void serve_dicom_connection(int socket, const std::string& peer, DicomShared& shared,
                            DicomDeadline& deadline) {
  try {
    serve(socket, peer, shared, deadline);
  } catch (const std::exception&) {
    // Memory: this connection ends without an answer, so its sender tries again.
    ++shared.counters.not_taken;
  }
}

}  // namespace telavis
