// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "engine/core/json_reader.h"
#include "engine/http/route.h"

namespace telavis {

/// The body of a change: every one names the `version` that it was made on, so that of two changes
/// at once the second is told (409), and a repeated one is not made twice.
class AdminBody {
 public:
  static constexpr std::size_t kMaxName = 200;  // bytes of a name, an id or a code
  static constexpr std::size_t kMaxDate = 10;

  explicit AdminBody(const Call& call)
      : json(as_text(call.request.body)), version_(json.number("version", 0, kMaxVersion)) {}

  JsonReader json;

  Replaces version() const { return version_; }
  std::string date(std::string_view name) { return json.text(name, kMaxDate); }
  std::string name(std::string_view name) { return json.text(name, kMaxName); }

 private:
  static constexpr std::int64_t kMaxVersion = 1'000'000'000;  // far more than a record ever has
  std::int64_t version_;
};

inline RegistryActor actor_of(const Call& call) {
  return {call.actor};
}

/// What a member function of the registry gave, in the words of `view`.
template <typename T, typename View>
Result<HttpResponse> registry_answer(const Result<T>& result, View view, int status = 200) {
  if (!result) return tl::unexpected(result.error());
  return json_response(view(*result), status);
}

}  // namespace telavis
