// SPDX-License-Identifier: Apache-2.0
// A whole engine in a temporary folder, in virtual time: real database, real blobs, real Maildir.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "engine/billing/acts.h"
#include "engine/core/service.h"
#include "mssante/maildir.h"
#include "mssante/mime.h"
#include "storage/blobs_file.h"
#include "storage/sqlite.h"
#include "tests/fakes.h"
#include "tests/faulty.h"
#include "tests/temp_folder.h"

namespace telavis::test {

inline Bytes fixture(const std::string& name) {
  std::ifstream in(std::filesystem::path(TELAVIS_SOURCE_DIR) / "fixtures" / name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline Instant at(const char* text) {
  return parse_instant(text).value();
}

inline const ProgrammeId kRhythmology{"rythmologie"};

inline Programme rhythmology() {
  Programme programme;
  programme.id = kRhythmology;
  programme.name_fr = "Rythmologie Guadeloupe";
  programme.name_en = "Rhythmology Guadeloupe";
  programme.association = "Association";
  programme.speciality = "cardiology";
  programme.territories = {"971"};
  programme.time_zone = "America/Guadeloupe";
  programme.tariff_zone = "DROM";
  programme.mailbox = "rythmologie@guadeloupe.telavis.test";
  return programme;
}

inline User person(const std::string& login, Role role, const ProgrammeId& programme) {
  User user;
  user.id = UserId("u-" + login);
  user.login = login;
  user.title = "Dr";
  user.given_name = "Prénom";
  user.family_name = "Nom" + login;
  user.rpps = "99900000014";
  user.profession = "medecin";
  user.mail_address = login + "@guadeloupe.telavis.test";
  user.memberships = {{programme, role}};
  return user;
}

inline const std::string kRequestJson = R"({"programme":"rythmologie","patient":{
  "family_name":"ZZPATIENTNAME","given_name":"Camille","birth_date":"1961-03-02","sex":"female"},
  "reason":"rhythm_disorder","question":"ZZQUESTION","context":"ZZCONTEXT",
  "consent":{"given_by":"patient","information":"oral"}})";
inline const std::string kOpinionJson =
    R"({"conclusion":"ZZCONCLUSION","orientation":"gp_management","conduct":"ZZCONDUCT"})";

/// What outlives a crash: a folder and the time.
struct Disk {
  TempFolder temporary;
  std::filesystem::path folder = temporary.path();
  SimClock clock{at("2026-01-06T12:00:00Z")};
  SeededRandom random{7};
};

/// One run of the engine on a disk. With a plan, every call of a port may fail.
struct Engine {
  explicit Engine(Disk& disk, FaultPlan* plan = nullptr)
      : tariffs(TariffTable::embedded().value()),
        repository(open_sqlite_repository({disk.folder / "telavis.db",
                                           [&disk] { return to_epoch_ms(disk.clock.now()); }})
                       .value()),
        blobs(FileBlobStore::open(disk.folder / "blobs").value()),
        mailer(disk.folder / "maildir"),
        faulty_repository(*repository, plan == nullptr ? no_faults : *plan),
        faulty_blobs(blobs, plan == nullptr ? no_faults : *plan),
        faulty_mailer(mailer, plan == nullptr ? no_faults : *plan),
        service({disk.clock,
                 disk.random,
                 faulty_repository,
                 faulty_blobs,
                 faulty_mailer,
                 compose_mime,
                 [this](const ActContext& context) { return price_acts(tariffs, context); },
                 normalise_exam,
                 {}},
                {Key(std::array<std::uint8_t, 32>{1}), Key(std::array<std::uint8_t, 32>{2})}) {
    EXPECT_TRUE(repository->release_leases());
  }

  /// One GP, two experts, coordinator, treasurer, referent, admin, and strangers.
  void enrol() {
    EXPECT_TRUE(repository->put_programme(rhythmology()));
    for (const User& user :
         {gp, other_gp, expert_a, expert_b, coordinator, treasurer, referent, admin}) {
      EXPECT_TRUE(repository->put_user(user));
    }
  }

  /// Timers and outbox until nothing is due. False: something failed on the way.
  bool settle() {
    for (int round = 0; round < 20; ++round) {
      const auto fired = service.run_timers(100);
      const auto sent = service.deliver_messages(100);
      if (!fired || !sent) return false;
      if (*fired + *sent == 0) return true;
    }
    return false;
  }

  User gp = person("gp", Role::requester, kRhythmology);
  User other_gp = person("othergp", Role::requester, kRhythmology);
  User expert_a = person("experta", Role::expert, kRhythmology);
  User expert_b = person("expertb", Role::expert, kRhythmology);
  User coordinator = person("coordinator", Role::coordinator, kRhythmology);
  User treasurer = person("treasurer", Role::treasurer, kRhythmology);
  User referent = person("referent", Role::medical_referent, kRhythmology);
  User admin = person("admin", Role::admin, ProgrammeId());

  FaultPlan no_faults;
  TariffTable tariffs;
  std::unique_ptr<Repository> repository;
  FileBlobStore blobs;
  MaildirMailer mailer;
  FaultyRepository faulty_repository;
  FaultyBlobStore faulty_blobs;
  FaultyMailer faulty_mailer;
  Service service;
};

/// Mails of one address, whichever folder of the Maildir they are in.
inline std::vector<std::string> mails_of(const Disk& disk, const std::string& address) {
  std::vector<std::string> mails;
  for (const char* part : {"new", "cur"}) {
    const auto folder = disk.folder / "maildir" / address / part;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      mails.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  return mails;
}

}  // namespace telavis::test
