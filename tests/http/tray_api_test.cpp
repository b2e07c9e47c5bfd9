// SPDX-License-Identifier: Apache-2.0
// Exams that came without a request, over HTTP: who sees what, and how a request takes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/api_world.h"

namespace telavis::test::tray_api_test {

using testing::HasSubstr;
using testing::Not;

const std::string kReason = R"({"reason":"Fichier illisible, à regarder."})";

class TrayApi : public testing::Test {
 protected:
  TrayApi() {
    LentDevice cart;
    cart.id = "cart-1";
    cart.programme = kRhythmology;
    cart.serial = "SN-1";
    cart.holder = world.engine.gp.id;
    cart.lent_on = "2026-01-02";
    EXPECT_TRUE(world.engine.repository->put_device(cart, world.engine.by_operator()));
  }
  std::string sent(const Bytes& file) {
    ExamTray& tray = world.engine.service.tray();
    const auto device = tray.admit({DeviceProof::folder, "cart-1", "", ""});
    EXPECT_TRUE(device);
    const auto taken = tray.take(*device, {"folder:cart-1", "DEMONSTRATION.scp", file}, "");
    EXPECT_TRUE(taken) << taken.error().text;
    return taken ? taken->id : "";
  }
  HttpResponse asked(const User& user, const std::string& method, const std::string& path) {
    return world.api.handle(world.request(world.visitor(user), method, path));
  }

  ApiWorld world;
  const Bytes ecg = fixture("demo-ecg.scp");
};

TEST_F(TrayApi, ShowsWhatWaitsToItsHolderAlone) {
  const std::string id = sent(ecg);
  const auto his = ApiWorld::parsed(asked(world.engine.gp, "GET", "/api/v1/tray")).at("exams");
  ASSERT_EQ(his.as_array().size(), 1U);
  EXPECT_EQ(his.at(0).at("id").as_string(), id);
  EXPECT_EQ(his.at(0).at("kind").as_string(), "ecg");
  EXPECT_EQ(his.at(0).at("patient").at("given_name").as_string(), "Camille");
  const std::string path = "/api/v1/tray/" + id;
  EXPECT_EQ(ApiWorld::parsed(asked(world.engine.gp, "GET", path)).at("leads").as_array().size(),
            12U);
  EXPECT_EQ(asked(world.engine.gp, "GET", path + "/image").content_type, "image/jpeg");
  EXPECT_EQ(asked(world.engine.gp, "GET", path + "/document").content_type, "application/pdf");
  const auto original = asked(world.engine.gp, "GET", path + "/original");
  EXPECT_EQ(original.body, ecg);
  for (const auto& [name, value] : original.headers) EXPECT_THAT(value, Not(HasSubstr("DEMON")));
  for (const char* rest : {"", "/image", "/document", "/original"}) {
    EXPECT_EQ(asked(world.engine.other_gp, "GET", path + rest).status, 404) << rest;
    EXPECT_EQ(asked(world.engine.coordinator, "GET", path + rest).status, 403) << rest;
  }
  EXPECT_TRUE(ApiWorld::parsed(asked(world.engine.other_gp, "GET", "/api/v1/tray"))
                  .at("exams")
                  .as_array()
                  .empty());
  EXPECT_EQ(asked(world.engine.other_gp, "DELETE", path).status, 404);
  EXPECT_EQ(asked(world.engine.gp, "DELETE", path).status, 204);
  EXPECT_EQ(asked(world.engine.gp, "GET", path).status, 404);
}

TEST_F(TrayApi, ARequestInJsonTakesItOnceItIsConfirmed) {
  const std::string id = sent(ecg);
  const std::string json = kClinicalRequestJson.substr(0, kClinicalRequestJson.rfind('}')) +
                           R"(,"tray":[{"id":")" + id + R"("}]})";
  const Visitor gp = world.visitor(world.engine.gp);
  const auto refused = world.post(gp, "/api/v1/cases", json);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(ApiWorld::parsed(refused).at("error").at("code").as_string(), "exam_unconfirmed");
  const auto taken =
      world.post(gp, "/api/v1/cases",
                 with(json, "\"}]}", R"(","confirmed":["identity_differs","exam_old"]}]})"));
  EXPECT_EQ(taken.status, 201) << as_text(taken.body);
}

TEST_F(TrayApi, WhatCannotBeReadIsItsReferentsAlone) {
  Bytes broken = ecg;
  broken.resize(500);
  const std::string id = sent(broken);
  const std::string path = "/api/v1/unreadable-exams/" + id + "/original";
  const auto listed =
      ApiWorld::parsed(asked(world.engine.referent, "GET", "/api/v1/unreadable-exams"));
  ASSERT_EQ(listed.at("exams").as_array().size(), 1U);
  EXPECT_EQ(listed.at("exams").at(0).at("id").as_string(), id);
  EXPECT_THAT(boost::json::serialize(listed), Not(HasSubstr("DEMONSTRATION")));
  EXPECT_TRUE(ApiWorld::parsed(asked(world.foreign_referent, "GET", "/api/v1/unreadable-exams"))
                  .at("exams")
                  .as_array()
                  .empty());
  EXPECT_EQ(world.post(world.visitor(world.foreign_referent), path, kReason).status, 404);
  EXPECT_EQ(world.post(world.visitor(world.engine.gp), path, kReason).status, 403);
  const auto referent = world.visitor(world.engine.referent);
  EXPECT_EQ(world.post(referent, path, R"({"reason":"court"})").status, 422);
  EXPECT_EQ(world.post(referent, path, kReason).body, broken);
}

TEST_F(TrayApi, MetricsCountWithoutNaming) {
  sent(ecg);
  const auto metrics = [&] {
    return std::string(as_text(asked(world.engine.admin, "GET", "/metrics").body));
  };
  EXPECT_THAT(metrics(), Not(HasSubstr("telavis_dicom")));  // the door is not open
  world.node.dicom = DicomCounts{.associations = 7,
                                 .refused = 2,
                                 .objects = 5,
                                 .unreadable = 1,
                                 .not_taken = 3,
                                 .queries = 4,
                                 .commitments = 6,
                                 .open = 9};
  for (const char* line :
       {"telavis_dicom_connections 9\n", "telavis_dicom_associations_total{end=\"accepted\"} 7\n",
        "telavis_dicom_associations_total{end=\"refused\"} 2\n",
        "telavis_dicom_objects_total{end=\"taken\"} 5\n",
        "telavis_dicom_objects_total{end=\"unreadable\"} 1\n",
        "telavis_dicom_objects_total{end=\"not_taken\"} 3\n", "telavis_dicom_queries_total 4\n",
        "telavis_dicom_commitments_total 6\n"})
    EXPECT_THAT(metrics(), HasSubstr(line));
  EXPECT_FALSE(
      world.engine.service.tray().admit({DeviceProof::ae_title, "STRANGER", "", "192.0.2.1"}));
  const std::string text(as_text(asked(world.engine.admin, "GET", "/metrics").body));
  EXPECT_THAT(text, HasSubstr("telavis_received_exams{state=\"waiting\"} 1"));
  EXPECT_THAT(text, HasSubstr("telavis_device_refusals_total{proof=\"ae_title\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("STRANGER")));
}

}  // namespace telavis::test::tray_api_test
