// SPDX-License-Identifier: Apache-2.0
// The contract of Repository: programmes, group practices, lent devices and their versions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/person_json.h"
#include "tests/storage/stores.h"

namespace telavis::test {
namespace {

using testing::IsEmpty;

const Change kByOperator{kMonday, "operator", std::nullopt};

Change on_version(std::int64_t version) {
  return {kMonday, "admin-1", version};
}

class RegistryContract : public RepositoryContract {};

Programme shipped(const std::string& id, std::int64_t version) {
  Programme programme = shipped_programmes().front();
  programme.id = ProgrammeId(id);
  programme.version = version;
  return programme;
}

TEST_P(RegistryContract, AProgrammeHasVersionsThatNeverChange) {
  EXPECT_FALSE(*repository().programme(ProgrammeId("p")));
  ASSERT_TRUE(repository().put_programme(shipped("p", 1), kByOperator));
  ASSERT_TRUE(repository().put_programme(shipped("a", 1), kByOperator));
  Programme changed = shipped("p", 1);
  changed.name_fr = "Autre";
  for (const std::int64_t wrong : {1, 3, 10}) {
    changed.version = wrong;
    const auto stored = repository().put_programme(changed, kByOperator);
    ASSERT_FALSE(stored) << wrong;
    EXPECT_EQ(stored.error().code, ErrorCode::configuration_invalid);
  }
  EXPECT_EQ((*repository().programme(ProgrammeId("p")))->name_fr, shipped("p", 1).name_fr);
  for (std::int64_t version = 2; version <= 10; ++version) {  // 10 after 9, not before 2
    changed.version = version;
    ASSERT_TRUE(repository().put_programme(changed, kByOperator));
  }
  EXPECT_EQ(**repository().programme(ProgrammeId("p")), changed);
  const auto all = repository().programmes();
  ASSERT_TRUE(all) << all.error().text;
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).id, ProgrammeId("a"));
  EXPECT_EQ(all->at(1).version, 10);
  const auto revisions = repository().revisions("programme", "p");
  ASSERT_TRUE(revisions);
  ASSERT_EQ(revisions->size(), 10U);
  EXPECT_EQ(revisions->at(0).definition, programme_json(shipped("p", 1)));
  EXPECT_EQ(revisions->at(9).version, 10);
}

GroupPractice group_of(const std::string& id, const std::string& programme) {
  return {id,
          0,
          ProgrammeId(programme),
          "Cabinet du Port",
          "cabinet@mss.test",
          "+33200000000",
          {UserId("u2"), UserId("u1")}};
}

TEST_P(RegistryContract, AGroupPracticeIsOfOneProgramme) {
  ASSERT_TRUE(repository().put_group(group_of("g2", "p"), kByOperator));
  ASSERT_TRUE(repository().put_group(group_of("g1", "p"), kByOperator));
  ASSERT_TRUE(repository().put_group(group_of("g3", "q"), kByOperator));
  const auto of_p = repository().groups(ProgrammeId("p"));
  ASSERT_TRUE(of_p) << of_p.error().text;
  ASSERT_EQ(of_p->size(), 2U);
  EXPECT_EQ(of_p->at(0).id, "g1");
  GroupPractice moved = group_of("g1", "q");
  moved.members = {UserId("u3")};
  EXPECT_EQ(repository().put_group(moved, on_version(2)).error().code, ErrorCode::version_conflict);
  ASSERT_TRUE(repository().put_group(moved, on_version(1)));
  EXPECT_EQ(repository().groups(ProgrammeId("p"))->size(), 1U);
  const auto stored = repository().group("g1");
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ(group_json(**stored), group_json(moved));
  EXPECT_EQ((*stored)->version, 2);
  EXPECT_EQ(repository().revisions("group", "g1")->size(), 2U);
  EXPECT_FALSE(*repository().group("none"));
  EXPECT_THAT(*repository().groups(ProgrammeId("none")), IsEmpty());
}

LentDevice device_of(const std::string& id, const std::string& serial) {
  LentDevice device;
  device.id = id;
  device.programme = ProgrammeId("p");
  device.serial = serial;
  device.model = "Fictif 12";
  device.holder = UserId("u1");
  device.lent_on = "2026-01-05";
  return device;
}

TEST_P(RegistryContract, ADeviceIsFoundByItsSerial) {
  ASSERT_TRUE(repository().put_device(device_of("d2", "SN 2"), kByOperator));
  ASSERT_TRUE(repository().put_device(device_of("d1", "SN 1"), kByOperator));
  const auto taken = repository().put_device(device_of("d3", "SN 1"), kByOperator);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::invalid_field);
  EXPECT_FALSE(*repository().device("d3"));
  EXPECT_THAT(*repository().revisions("device", "d3"), IsEmpty());
  LentDevice back = device_of("d1", "SN 1-bis");
  back.returned_on = "2026-01-06";
  EXPECT_EQ(repository().put_device(back, on_version(0)).error().code, ErrorCode::version_conflict);
  ASSERT_TRUE(repository().put_device(back, on_version(1)));
  EXPECT_FALSE(*repository().device_by_serial("SN 1"));
  for (const auto& found : {repository().device_by_serial("SN 1-bis"), repository().device("d1")}) {
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(lent_device_json(**found), lent_device_json(back));
    EXPECT_EQ((*found)->version, 2);
  }
  const auto all = repository().lent_devices();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(1).id, "d2");
}

TEST_P(RegistryContract, APairingCodeServesOnce) {
  using std::chrono::hours;
  ASSERT_TRUE(repository().put_device(device_of("d1", "SN 1"), kByOperator));
  ASSERT_TRUE(repository().put_device(device_of("d2", "SN 2"), kByOperator));
  EXPECT_FALSE(repository().put_pairing("none", "code", kMonday));
  EXPECT_EQ(repository().take_pairing("code", "token", kMonday).value(), std::nullopt);
  ASSERT_TRUE(repository().put_pairing("d1", "old", kMonday + hours(1)));
  ASSERT_TRUE(repository().put_pairing("d1", "code", kMonday + hours(1)));
  ASSERT_TRUE(repository().put_pairing("d2", "other", kMonday + hours(1)));
  EXPECT_EQ(repository().take_pairing("old", "token", kMonday).value(), std::nullopt);
  EXPECT_EQ(repository().take_pairing("code", "token", kMonday + hours(1)).value(), std::nullopt);
  EXPECT_FALSE(repository().device_by_token("token").value());
  EXPECT_EQ(repository().take_pairing("code", "token", kMonday).value(), "d1");
  EXPECT_EQ(repository().take_pairing("code", "again", kMonday).value(), std::nullopt);
  EXPECT_EQ(repository().device_by_token("token").value()->id, "d1");
  EXPECT_FALSE(repository().device_by_token("again").value());
  EXPECT_FALSE(repository().device_by_token("").value());
  const auto entry = repository().audit_chain("node")->back().what;
  EXPECT_EQ(entry.action, "device_paired");
  EXPECT_EQ(entry.detail, "d1");
  // A new pairing ends the token of before.
  ASSERT_TRUE(repository().put_pairing("d1", "next", kMonday + hours(1)));
  EXPECT_TRUE(repository().device_by_token("token").value());
  EXPECT_EQ(repository().take_pairing("next", "new token", kMonday).value(), "d1");
  EXPECT_FALSE(repository().device_by_token("token").value());
  EXPECT_EQ(repository().take_pairing("other", "d2's", kMonday).value(), "d2");
  EXPECT_EQ(repository().device_by_token("new token").value()->id, "d1");
}

TEST_P(RegistryContract, ADeviceThatMayNotSendLosesItsToken) {
  using std::chrono::hours;
  LentDevice device = device_of("d1", "SN 1");
  ASSERT_TRUE(repository().put_device(device, kByOperator));
  const auto pair = [&] {
    ASSERT_TRUE(repository().put_pairing("d1", "code", kMonday + hours(1)));
    ASSERT_EQ(repository().take_pairing("code", "token", kMonday).value(), "d1");
    ASSERT_TRUE(repository().put_pairing("d1", "second", kMonday + hours(1)));
  };
  const auto is_paired = [&] { return repository().device_by_token("token").value().has_value(); };
  pair();
  device.consumables = "new electrodes";
  ASSERT_TRUE(repository().put_device(device, kByOperator));
  EXPECT_TRUE(is_paired());
  device.suspended = true;
  ASSERT_TRUE(repository().put_device(device, kByOperator));
  EXPECT_FALSE(is_paired());
  EXPECT_EQ(repository().take_pairing("second", "x", kMonday).value(), std::nullopt);
  device.suspended = false;
  ASSERT_TRUE(repository().put_device(device, kByOperator));
  EXPECT_FALSE(is_paired());
  pair();
  device.holder = UserId("u2");
  ASSERT_TRUE(repository().put_device(device, kByOperator));
  EXPECT_FALSE(is_paired());
  pair();
  device.returned_on = "2026-01-06";
  ASSERT_TRUE(repository().put_device(device, kByOperator));
  EXPECT_FALSE(is_paired());
}

TEST_P(RegistryContract, ADeviceThatSendsByDicomIsFoundByItsAeTitle) {
  ASSERT_TRUE(repository().put_device(device_of("d1", "SN 1"), kByOperator));
  EXPECT_FALSE(*repository().device_by_ae_title(""));
  LentDevice sending = device_of("d2", "SN 2");
  sending.ae_title = "CART";
  ASSERT_TRUE(repository().put_device(sending, kByOperator));
  const auto found = repository().device_by_ae_title("CART");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, "d2");
  EXPECT_FALSE(*repository().device_by_ae_title("cart"));
  LentDevice second = device_of("d1", "SN 1");
  second.ae_title = "CART";
  EXPECT_EQ(repository().put_device(second, kByOperator).error().code, ErrorCode::invalid_field);
  EXPECT_EQ((*repository().device("d1"))->ae_title, "");
  sending.ae_title.clear();
  ASSERT_TRUE(repository().put_device(sending, kByOperator));
  ASSERT_TRUE(repository().put_device(second, kByOperator));
  EXPECT_EQ((*repository().device_by_ae_title("CART"))->id, "d1");
}

TEST_P(RegistryContract, RevisionsOfOneKindAreNotThoseOfAnother) {
  ASSERT_TRUE(repository().put_group(group_of("same", "p"), kByOperator));
  ASSERT_TRUE(repository().put_device(device_of("same", "SN"), kByOperator));
  ASSERT_TRUE(repository().put_device(device_of("same", "SN"), on_version(1)));
  EXPECT_EQ(repository().revisions("group", "same")->size(), 1U);
  EXPECT_EQ(repository().revisions("device", "same")->size(), 2U);
  EXPECT_THAT(*repository().revisions("person", "same"), IsEmpty());
  const auto chain = repository().audit_chain("node").value();
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_EQ(chain[0].what.action, "change:group");
  EXPECT_EQ(chain[2].what.action, "change:device");
  EXPECT_EQ(chain[2].what.detail, revision_words(repository().revisions("device", "same")->back()));
  EXPECT_TRUE(chain[2].what.detail.starts_with("same v2 "));
  EXPECT_EQ(verify_chain(chain, repository().node_audit_head().value()), 0);
}

INSTANTIATE_TEST_SUITE_P(Each, RegistryContract, every_store(),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace telavis::test
