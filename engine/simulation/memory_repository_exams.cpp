// SPDX-License-Identifier: Apache-2.0
// Exams that came without a request. Searched, not indexed.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "engine/simulation/keys_beside.h"
#include "engine/simulation/memory_repository.h"

namespace telavis {
namespace {

bool same_exam(const ReceivedExam& a, const ReceivedExam& b) {
  return a.holder == b.holder &&
         (a.bytes_mark == b.bytes_mark ||
          (!a.recording_mark.empty() && a.recording_mark == b.recording_mark));
}

void close(ReceivedExam& exam, ReceivedExamState state) {
  exam.state = state;
  exam.wrapped_key.clear();
  exam.sealed_card.clear();
  exam.sealed.clear();
}

}  // namespace

bool MemoryRepository::may_join(const Commit& commit) const {
  std::set<std::string> once;
  return std::ranges::all_of(commit.joins, [&](const std::string& id) {
    const auto found = exams_.find(id);
    return found != exams_.end() && found->second.state == ReceivedExamState::waiting &&
           once.insert(id).second;
  });
}

void MemoryRepository::join(const Commit& commit) {
  for (const std::string& id : commit.joins) {
    close(exams_[id], ReceivedExamState::joined);
    exams_[id].case_id = commit.next.id;
  }
}

Result<std::optional<std::string>> MemoryRepository::put_exam(const ReceivedExam& exam) {
  std::vector<const ReceivedExam*> same;
  for (const auto& [id, one] : exams_) {
    if (same_exam(one, exam)) same.push_back(&one);
  }
  std::ranges::sort(same, {}, [](const auto* one) { return std::tie(one->received_at, one->id); });
  std::vector<std::string> gone;
  for (const ReceivedExam* one : same) {
    if (has_bytes(one->state) || one->state == ReceivedExamState::joined) {
      std::string known = one->id;
      for (const std::string& id : gone) exams_.erase(id);
      return known;
    }
    gone.push_back(one->id);
  }
  for (const std::string& id : gone) exams_.erase(id);
  if (!exams_.emplace(exam.id, exam).second)
    return fail(ErrorCode::storage_failed, "another received exam has this id");
  return std::nullopt;
}

Result<std::vector<ReceivedExam>> MemoryRepository::received_exams(const ReceivedExamQuery& query) {
  std::vector<ReceivedExam> found;
  for (const auto& [id, exam] : exams_) {
    if ((query.holder && exam.holder != *query.holder) ||
        (query.state && exam.state != *query.state) ||
        (!query.not_read_by.empty() && exam.reader == query.not_read_by) ||
        (!query.programmes.empty() &&
         std::ranges::find(query.programmes, exam.programme) == query.programmes.end()))
      continue;
    found.push_back(exam);
    found.back().sealed.clear();
  }
  std::ranges::sort(found, [](const ReceivedExam& a, const ReceivedExam& b) {
    return std::tie(a.received_at, a.id) > std::tie(b.received_at, b.id);
  });
  if (found.size() > query.limit) found.resize(query.limit);
  return found;
}

Result<std::optional<ReceivedExam>> MemoryRepository::received_exam(const std::string& id) {
  const auto found = exams_.find(id);
  if (found == exams_.end()) return std::nullopt;
  return found->second;
}

Result<bool> MemoryRepository::change_exam(const ReceivedExam& next, ReceivedExamState expected) {
  const auto found = exams_.find(next.id);
  if (has_bytes(next.state) && !next.recording_mark.empty()) {
    for (const auto& [id, other] : exams_) {
      if (id != next.id && other.holder == next.holder &&
          other.recording_mark == next.recording_mark)
        return fail(ErrorCode::state_conflict, "the same recording is there already");
    }
  }
  if (found == exams_.end() || found->second.state != expected) return false;
  ReceivedExam& exam = found->second;
  exam.why = next.why;
  if (!has_bytes(next.state)) {
    close(exam, next.state);
    return true;
  }
  exam.state = next.state;
  exam.reader = next.reader;
  exam.recording_mark = next.recording_mark;
  exam.sealed_card = next.sealed_card;
  return true;
}

Result<std::int64_t> MemoryRepository::expire_exams(Instant received_before) {
  std::int64_t count = 0;
  for (auto& [id, exam] : exams_) {
    if (!has_bytes(exam.state) || exam.received_at >= received_before) continue;
    close(exam, ReceivedExamState::expired);
    ++count;
  }
  return count;
}

Result<SentAmount> MemoryRepository::sent_by_device(const std::string& device, Instant since) {
  SentAmount amount;
  for (const auto& [id, exam] : exams_) {
    if (exam.device != device || exam.received_at < since) continue;
    amount.exams += 1;
    amount.bytes += exam.size;
  }
  return amount;
}

Result<bool> MemoryRepository::keeps_object(const std::string& device,
                                            const std::string& object_id) {
  return !object_id.empty() && std::ranges::any_of(exams_, [&](const auto& one) {
    const ReceivedExam& exam = one.second;
    return exam.device == device && exam.object_id == object_id &&
           (has_bytes(exam.state) || exam.state == ReceivedExamState::joined);
  });
}

Result<std::map<std::string, std::int64_t>> MemoryRepository::exam_counts() {
  std::map<std::string, std::int64_t> counts;
  for (const auto state :
       {ReceivedExamState::waiting, ReceivedExamState::unreadable, ReceivedExamState::joined,
        ReceivedExamState::discarded, ReceivedExamState::expired})
    counts[std::string(received_exam_state_name(state))] = 0;
  for (const auto& [id, exam] : exams_)
    counts[std::string(received_exam_state_name(exam.state))] += 1;
  return counts;
}

Result<std::vector<ReceivedKey>> MemoryRepository::exams_not_wrapped_by(const std::string& key_id,
                                                                        std::size_t limit) {
  return keys_beside(exams_, key_id, limit);
}

Result<bool> MemoryRepository::rewrap_exam(const std::string& id, ByteView before, ByteView after) {
  const auto found = exams_.find(id);
  if (before.empty() || found == exams_.end() ||
      !std::ranges::equal(found->second.wrapped_key, before))
    return false;
  found->second.wrapped_key.assign(after.begin(), after.end());
  return true;
}

}  // namespace telavis
