// SPDX-License-Identifier: Apache-2.0
#include "engine/core/personal_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/crypto.h"

namespace telavis {
namespace {

constexpr Duration kFurthestSlot = std::chrono::hours(24 * 366);
constexpr std::size_t kSlotIdBytes = 10;

std::string bound_to(const UserId& user) {
  return "personal-texts/" + user.value;
}

}  // namespace

/// The lookup key is there for as long as the node is: nothing needs to be sealed anew when a
/// master key goes.
Key PersonalDesk::key() const {
  return derive_key(lookup_, "telavis/personal-texts");
}

Result<OwnTexts> PersonalDesk::texts(const User& actor) {
  const auto stored = ports_.repository.personal_texts(actor.id);
  if (!stored) return tl::unexpected(stored.error());
  if (!*stored) return OwnTexts{};
  const auto plain = unseal(key(), bound_to(actor.id), (*stored)->sealed);
  if (!plain) return tl::unexpected(plain.error());
  JsonReader reader(as_text(*plain));
  OwnTexts own{(*stored)->version, read_personal_texts(reader)};
  if (const auto read = reader.finish(); !read) return tl::unexpected(read.error());
  return own;
}

Result<OwnTexts> PersonalDesk::put_texts(const User& actor, const OwnTexts& texts) {
  const SealedTexts sealed{
      actor.id, texts.version + 1,
      seal(key(), ports_.random, bound_to(actor.id), as_bytes(personal_texts_json(texts.texts)))};
  const auto put = ports_.repository.put_personal_texts(sealed);
  if (!put) return tl::unexpected(put.error());
  if (!*put) {
    return fail(ErrorCode::version_conflict,
                "Your texts were changed in another window: load them again and repeat.");
  }
  return OwnTexts{sealed.version, texts.texts};
}

Result<std::vector<Slot>> PersonalDesk::slots(const User& actor) {
  return ports_.repository.slots(actor.id, ports_.clock.now());
}

Result<Slot> PersonalDesk::add_slot(const User& actor, Slot slot) {
  const Instant now = ports_.clock.now();
  if (slot.starts_at <= now || slot.starts_at > now + kFurthestSlot) {
    return fail(ErrorCode::invalid_field, "'starts_at' must be in the year to come.");
  }
  const auto ahead = slots(actor);
  if (!ahead) return tl::unexpected(ahead.error());
  if (ahead->size() >= kMaxSlotsAhead) {
    return fail(ErrorCode::limit_exceeded,
                "You have as many appointments ahead as are kept: remove some first.");
  }
  slot.id = random_id(ports_.random, kSlotIdBytes);
  slot.expert = actor.id;
  slot.offered_in = CaseId();
  const auto put = ports_.repository.put_slot(slot);
  if (!put) return tl::unexpected(put.error());
  if (!*put) {
    return fail(ErrorCode::state_conflict, "You have an appointment at this time already.");
  }
  return slot;
}

Result<void> PersonalDesk::erase_slot(const User& actor, const std::string& id) {
  const auto erased = ports_.repository.erase_slot(actor.id, id);
  if (!erased) return tl::unexpected(erased.error());
  if (*erased) return {};
  const auto own = ports_.repository.slots(actor.id, Instant());
  if (!own) return tl::unexpected(own.error());
  const bool offered =
      std::any_of(own->begin(), own->end(), [&](const Slot& slot) { return slot.id == id; });
  if (!offered) return fail(ErrorCode::not_found, "You have no such appointment.");
  return fail(ErrorCode::state_conflict,
              "An opinion offers this appointment: its patient may have booked it.");
}

Result<YearCount> PersonalDesk::year(const User& actor, int year) {
  ActQuery query;
  query.professional = actor.id;
  query.from_date = fmt::format("{:04}-01-01", year);
  query.to_date = fmt::format("{:04}-12-31", year);
  const auto rows = ports_.repository.acts(query);
  if (!rows) return tl::unexpected(rows.error());
  YearCount count;
  for (const ActRow& row : *rows) {
    (row.act.role == ActRole::expert ? count.answered : count.asked) += 1;
  }
  return count;
}

}  // namespace telavis
