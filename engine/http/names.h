// SPDX-License-Identifier: Apache-2.0
// People and programmes that an answer names, each looked up once.
#pragma once

#include <map>
#include <string>

#include "engine/http/case_views.h"

namespace telavis {

class Names {
 public:
  explicit Names(const Reader& reader) : reader_(reader) {}

  /// A person who is not on file (any more) has empty members. Errors: storage.
  Result<const User*> person(const UserId& id);
  Result<const Programme*> programme(const ProgrammeId& id);
  /// In the reader's language.
  std::string name_of(const Programme& programme) const;

 private:
  const Reader& reader_;
  std::map<UserId, User> people_;
  std::map<ProgrammeId, Programme> programmes_;
};

}  // namespace telavis
