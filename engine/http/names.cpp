// SPDX-License-Identifier: Apache-2.0
#include "engine/http/names.h"

#include <utility>

namespace telavis {

Result<const User*> Names::person(const UserId& id) {
  const auto known = people_.find(id);
  if (known != people_.end()) return &known->second;
  auto user = reader_.service.repository().user(id);
  if (!user) return tl::unexpected(user.error());
  return &people_.emplace(id, std::move(*user).value_or(User{})).first->second;
}

Result<const Programme*> Names::programme(const ProgrammeId& id) {
  const auto known = programmes_.find(id);
  if (known != programmes_.end()) return &known->second;
  auto programme = reader_.service.repository().programme(id);
  if (!programme) return tl::unexpected(programme.error());
  return &programmes_.emplace(id, std::move(*programme).value_or(Programme{})).first->second;
}

std::string Names::name_of(const Programme& programme) const {
  return programme.name(reader_.language == Language::french);
}

}  // namespace telavis
