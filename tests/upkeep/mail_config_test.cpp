// SPDX-License-Identifier: Apache-2.0
#include "engine/mail_config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/temp_folder.h"

namespace telavis::test {
namespace {

Result<MailConfig> read(const std::string& mail) {
  JsonReader reader(R"({"mail":)" + mail + "}");
  MailConfig config;
  if (auto done = read_mail(reader, config); !done) return tl::unexpected(done.error());
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return config;
}

const std::string kServer = R"("submission":{"host":"smtp.op.test"})";

std::string one(const std::string& members) {
  return R"({"ca_file":"ca.pem","accounts":[{"address":"a@b.test",)" + members + "}]}";
}

TEST(MailConfig, AnApplicationMailboxHasItsCertificate) {
  const auto config = read(one(kServer + R"(,"certificate_file":"c.pem","key_file":"c.key",
                             "imap":{"host":"imap.op.test","security":"implicit_tls"})"));
  ASSERT_TRUE(config) << config.error().text;
  const MailboxConfig& mailbox = config->mailboxes.at(0);
  EXPECT_EQ(mailbox.submission.host, "smtp.op.test");
  EXPECT_EQ(mailbox.submission.port, 587);
  EXPECT_EQ(mailbox.submission.security, MailSecurity::starttls);
  EXPECT_EQ(mailbox.submission.ca_file, "ca.pem");
  EXPECT_TRUE(mailbox.submission.sasl.empty() && mailbox.submission.login.empty());
  ASSERT_TRUE(mailbox.imap);
  EXPECT_EQ(mailbox.imap->host, "imap.op.test");
  EXPECT_EQ(mailbox.imap->port, 993);
  EXPECT_EQ(mailbox.imap->address, "a@b.test");
  EXPECT_EQ(mailbox.imap->key_file, "c.key");
  EXPECT_EQ(tokens_of(mailbox), nullptr);
  EXPECT_TRUE(config->delivery_reports);
}

TEST(MailConfig, ALoginIsTheAddressUnlessSaid) {
  const auto config = read(one(kServer + R"(,"sasl":"XOAUTH2","token_command":["/bin/echo","t"])"));
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->mailboxes[0].submission.login, "a@b.test");
  EXPECT_EQ(tokens_of(config->mailboxes[0])->token().value(), "t");
  const auto named = read(one(kServer + R"(,"sasl":"PLAIN","login":"x","token_file":"t")"));
  ASSERT_TRUE(named);
  EXPECT_EQ(named->mailboxes[0].submission.login, "x");
}

TEST(MailConfig, WhatCannotWorkIsRefused) {
  const std::string certificate = R"("certificate_file":"c","key_file":"k")";
  for (const std::string& mail : std::vector<std::string>{
           one(kServer),                                               // no login at all
           one(certificate),                                           // no server
           one(kServer + R"(,"certificate_file":"c")"),                // no key
           one(kServer + R"(,"sasl":"XOAUTH2")"),                      // no token
           one(kServer + "," + certificate + R"(,"token_file":"t")"),  // a token without use
           one(kServer + R"(,"sasl":"LOGIN","token_file":"t")"),
           one(kServer + R"(,"sasl":"XOAUTH2","token_file":"t","token_command":["/x"])"),
           one(R"("submission":{"host":"h","port":0},)" + certificate),
           one(R"("submission":{"host":"h","security":"none"},)" + certificate),
           one(R"("password":"secret",)" + kServer + "," + certificate),
           R"({"accounts":[{"address":"a@b.test",)" + kServer + "," + certificate + "}]}",  // no CA
           R"({"ca_file":"c","accounts":[{"address":"nobody",)" + kServer + "," + certificate +
               "}]}",
           R"({"ca_file":"c","timeout_s":91,"accounts":[]})",
           R"({"ca_file":"c","accounts":[{"address":"a@b.test",)" + kServer + "," + certificate +
               R"(},{"address":"a@b.test",)" + kServer + "," + certificate + "}]}"}) {
    EXPECT_FALSE(read(mail)) << mail;
  }
  EXPECT_TRUE(read(R"({"accounts":[]})"));
}

TEST(MailConfig, SecretsAreNobodyElses) {
  const TempFolder folder;
  const auto key = folder.path() / "key";
  std::ofstream(key) << "token\n";
  ::chmod(key.c_str(), 0644);
  MailConfig config;
  MailboxConfig& mailbox = config.mailboxes.emplace_back();
  mailbox.submission.key_file = key;
  mailbox.token_file = key;
  EXPECT_FALSE(check_mail_keys(config));
  EXPECT_FALSE(tokens_of(mailbox)->token());
  ::chmod(key.c_str(), 0600);
  EXPECT_TRUE(check_mail_keys(config));
  EXPECT_EQ(tokens_of(mailbox)->token().value(), "token");
}

}  // namespace
}  // namespace telavis::test
