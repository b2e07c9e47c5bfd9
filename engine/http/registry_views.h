// SPDX-License-Identifier: Apache-2.0
// What an association keeps on file, as JSON: the shapes of /api/v1/openapi.json. The registry has
// seen to the rights before.
#pragma once

#include <string>
#include <vector>

#include "engine/core/registry.h"

namespace telavis {

/// {"version","person"}
std::string person_view(const User& user);
/// The same with "warnings" and "obstacles": [{"code","text"}].
std::string person_record_view(const PersonRecord& record, Language language);
/// {"people":[{"version","person"}]}
std::string people_view(const std::vector<User>& people);
/// {"enrolment":{"id","status","warnings"}}: what the requesting person is told.
std::string enrolment_view(const PersonRecord& record, Language language);
/// {"version","group"}, {"groups":[...]}
std::string group_view(const GroupPractice& group);
std::string groups_view(const std::vector<GroupPractice>& groups);
/// {"version","device"}, {"devices":[...]}
std::string device_view(const LentDevice& device);
std::string devices_view(const std::vector<LentDevice>& devices);
/// {"devices":[OwnDevice]}: what their holder is shown of them.
std::string own_devices_view(const std::vector<LentDevice>& devices);
/// {"code","expires_at"}
std::string pairing_view(const PairingCode& pairing);
/// {"device","token"}
std::string paired_view(const PairedDevice& paired);
/// {"programme"}, {"programmes":[...]}: whole definitions.
std::string programme_view(const Programme& programme);
std::string definitions_view(const std::vector<Programme>& programmes);
/// {"revisions":[{"version","at","actor","definition"}]}, oldest first.
std::string revisions_view(const std::vector<Revision>& revisions);
/// {"directory":[{"id","kind","name","speciality","place","territory","phone","next_open_at"}]}
std::string directory_view(const std::vector<DirectoryEntry>& entries);

}  // namespace telavis
