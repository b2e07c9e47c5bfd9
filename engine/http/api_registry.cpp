// SPDX-License-Identifier: Apache-2.0
// Group practices, lent devices and programmes on file.
#include "engine/core/person_json.h"
#include "engine/http/admin_body.h"
#include "engine/http/registry_views.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kMaxNotes = 4'000;  // bytes about consumables

Result<HttpResponse> history_of(Call& call, const std::string& kind) {
  return registry_answer(call.registry.history(actor_of(call), kind, call.record), revisions_view);
}

}  // namespace

Result<HttpResponse> list_group_practices(Call& call) {
  return registry_answer(call.registry.groups(actor_of(call)), groups_view);
}

Result<HttpResponse> show_group_practice(Call& call) {
  return registry_answer(call.registry.group(actor_of(call), call.record), group_view);
}

Result<HttpResponse> replace_group_practice(Call& call) {
  AdminBody body(call);
  GroupPractice group;
  if (auto record = body.json.object("group", true)) {
    group = read_group(*record);
    static_cast<void>(record->finish());  // what is wrong stays noted in the body
  }
  if (group.id != call.record) body.json.wrong("group", "must have the id of the path");
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return registry_answer(call.registry.put_group(actor_of(call), group, body.version()),
                         group_view);
}

Result<HttpResponse> show_group_history(Call& call) {
  return history_of(call, "group");
}

Result<HttpResponse> list_own_devices(Call& call) {
  return registry_answer(call.registry.devices_of(call.actor), own_devices_view);
}

Result<HttpResponse> list_lent_devices(Call& call) {
  return registry_answer(call.registry.devices(actor_of(call)), devices_view);
}

Result<HttpResponse> show_lent_device(Call& call) {
  return registry_answer(call.registry.device(actor_of(call), call.record), device_view);
}

Result<HttpResponse> replace_lent_device(Call& call) {
  AdminBody body(call);
  LentDevice device;
  if (auto record = body.json.object("device", true)) {
    device = read_lent_device(*record);
    static_cast<void>(record->finish());
  }
  if (device.id != call.record) body.json.wrong("device", "must have the id of the path");
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return registry_answer(call.registry.put_device(actor_of(call), device, body.version()),
                         device_view);
}

Result<HttpResponse> lend_device_to(Call& call) {
  AdminBody body(call);
  const UserId holder(body.name("holder"));
  const std::string due_back_on = body.json.optional_text("due_back_on", AdminBody::kMaxDate);
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return registry_answer(
      call.registry.lend_device(actor_of(call), call.record, holder, due_back_on, body.version()),
      device_view);
}

Result<HttpResponse> take_device_back(Call& call) {
  AdminBody body(call);
  const std::string consumables = body.json.optional_text("consumables", kMaxNotes);
  if (auto read = body.json.finish(); !read) return tl::unexpected(read.error());
  return registry_answer(
      call.registry.return_device(actor_of(call), call.record, consumables, body.version()),
      device_view);
}

Result<HttpResponse> make_pairing_code(Call& call) {
  return registry_answer(call.registry.pair_device(actor_of(call), call.record), pairing_view, 201);
}

Result<HttpResponse> redeem_pairing_code(Call& call) {
  JsonReader body(as_text(call.request.body));
  const std::string code = body.text("code", AdminBody::kMaxName);
  if (auto read = body.finish(); !read) return tl::unexpected(read.error());
  const std::string counted_as = "pair";  // whichever the code: who guesses tries another each time
  if (auto counted = call.access.throttle().begin(counted_as, call.request.peer); !counted) {
    return tl::unexpected(counted.error());
  }
  const auto paired = call.registry.redeem_pairing(code);
  if (!paired) return tl::unexpected(paired.error());
  if (auto forgiven = call.access.throttle().succeeded(counted_as, call.request.peer); !forgiven) {
    return tl::unexpected(forgiven.error());
  }
  return json_response(paired_view(*paired));
}

Result<HttpResponse> show_device_history(Call& call) {
  return history_of(call, "device");
}

Result<HttpResponse> list_all_programmes(Call& call) {
  return registry_answer(call.registry.programmes(actor_of(call)), definitions_view);
}

Result<HttpResponse> show_programme(Call& call) {
  return registry_answer(call.registry.programme(actor_of(call), ProgrammeId(call.record)),
                         programme_view);
}

/// The definition itself is the body; its `version` is the next one.
Result<HttpResponse> replace_programme(Call& call) {
  auto programme = parse_programme(as_text(call.request.body));
  if (!programme) return fail(ErrorCode::invalid_field, programme.error().text);
  if (programme->id.value != call.record) {
    return fail(ErrorCode::invalid_field, "'id' must be the id of the path.");
  }
  return registry_answer(call.registry.put_programme(actor_of(call), *programme), programme_view);
}

Result<HttpResponse> show_programme_history(Call& call) {
  return history_of(call, "programme");
}

}  // namespace telavis
