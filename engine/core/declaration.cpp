// SPDX-License-Identifier: Apache-2.0
#include "engine/core/declaration.h"

#include <array>
#include <utility>

namespace telavis {

std::vector<std::string> undeclared(const Declaration& declaration) {
  const std::array<std::pair<const char*, const std::string*>, 5> members = {
      {{"controller", &declaration.controller},
       {"host", &declaration.host},
       {"host_certificate", &declaration.host_certificate},
       {"dpo", &declaration.dpo},
       {"date", &declaration.date}}};
  std::vector<std::string> names;
  for (const auto& [name, value] : members) {
    if (value->empty()) names.push_back(std::string("declaration.") + name);
  }
  return names;
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

Result<void> may_listen(std::string_view address, const Declaration& declaration) {
  const auto missing = undeclared(declaration);
  if (is_loopback(address) || missing.empty()) return {};
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  return fail(
      ErrorCode::configuration_invalid,
      "'listen_address' " + std::string(address) +
          " opens the server to others, and the configuration does not declare who answers "
          "for the patients' data. Missing: " +
          names +
          ". Declare them (docs/operations.md, Before opening to the network), or listen on "
          "127.0.0.1.");
}

Result<void> check_clinical_tools(const ClinicalTools& tools) {
  if (!tools.enabled || !tools.responsible.empty()) return {};
  return fail(ErrorCode::configuration_invalid,
              "'clinical_tools' is enabled and 'clinical_tools.responsible' is missing: name who "
              "answers for these functions (docs/regulation.md), or leave them off.");
}

}  // namespace telavis
