// SPDX-License-Identifier: Apache-2.0
// The real telavis on the mailboxes of the rig, and the doctors who write to it.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/core/time.h"
#include "formats/base64.h"
#include "mssante/mail_reader.h"
#include "mssante/smtp_mailer.h"
#include "mssante/token_source.h"
#include "tests/e2e/server_process.h"
#include "tests/mssante/rig/mail_rig.h"
#include "tests/mssante/trust_list_builder.h"

namespace telavis::test {

inline const std::string kEngineBox = "engine@cardio.mssante.test";
inline const std::string kGp = "gp1@mg.mssante.test";
inline const std::string kExpert = "expert1@cardio.mssante.test";
inline const std::string kCoordinator = "expert2@cardio.mssante.test";
inline const std::string kReferent = "expert3@cardio.mssante.test";

/// What an environment variable says of how much is to be done; `standard` without one.
inline std::size_t amount_of(const char* variable, std::size_t standard) {
  const char* const wanted = std::getenv(variable);
  if (wanted == nullptr) return standard;
  const std::string_view text(wanted);
  std::size_t number = standard;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

inline constexpr std::chrono::seconds kMailPatience{60};

/// What a doctor sends from his own mailbox.
struct LoopMail {
  std::string from, text;
  std::string subject = "Avis ECG";
  std::string in_reply_to = {};
  bool with_tracing = false;
  std::string to = kEngineBox;
};

/// A mail as it lies in a mailbox.
struct LandedMail {
  std::filesystem::path file;
  std::string raw;
  IncomingMail read;
};

class MailLoop {
 public:
  /// `members`: more of the configuration's "mail". The programme's opinion leaves
  /// `release_minutes` after a mail that gives it.
  explicit MailLoop(MailRig& rig, int release_minutes = 0) : rig_(rig), demo_(members(rig)) {
    const auto list = demo_.data / "trust_list";
    std::filesystem::create_directories(list);
    std::ofstream(list / "listeblanche.xml")
        << trust_list_xml({{"cardio.mssante.test"}, {"mg.mssante.test"}}, generated_at());
    import(release_minutes);
    start();
  }

  void start() {
    server_ = std::make_unique<Process>(demo_.serve(), demo_.folder / "log");
    EXPECT_TRUE(server_->wait_for("listening on")) << slurp(demo_.folder / "log");
  }
  void kill_engine() { server_->kill_now(); }
  pid_t engine_pid() const { return server_->pid(); }

  /// Sends until the operator has it; gives the Message-ID.
  std::string send(const LoopMail& mail) {
    const std::string id = "m" + std::to_string(++sent_) + "." + salt() + "@client.test";
    const std::string bytes = wire(mail, id);
    const bool at_mg = mail.from.ends_with("@mg.mssante.test");
    SmtpAccount account;
    account.submission = rig_.account(mail.from);
    account.submission.port = rig_.smtp_port(at_mg ? "mg" : "cardio", "submission");
    // Who is of neither operator's domains comes in by somebody's login.
    account.submission.login = at_mg ? "gp1@mg.mssante.test" : kExpert;
    account.submission.sasl = "PLAIN";
    account.tokens = std::make_shared<ReadTokens>([password = rig_.password()]() -> Result<Bytes> {
      return Bytes(password.begin(), password.end());
    });
    SmtpMailer mailer({account}, SmtpOptions{false, std::chrono::seconds(0)},
                      smtp_ports([](const std::string&) {}));
    const auto end = std::chrono::steady_clock::now() + kMailPatience;
    SendResult result;
    do {
      result = mailer.send({id, mail.from, mail.to}, as_bytes(bytes));
      if (result.outcome == SendOutcome::retry)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    } while (result.outcome == SendOutcome::retry && std::chrono::steady_clock::now() < end);
    EXPECT_EQ(result.outcome, SendOutcome::accepted) << result.reason;
    return id;
  }

  /// A mail that nobody has looked at yet, with these words in its subject or text.
  LandedMail got(const std::string& address, const std::string& words) {
    const auto end = std::chrono::steady_clock::now() + kMailPatience;
    while (std::chrono::steady_clock::now() < end) {
      for (LandedMail& mail : all(address)) {
        if (looked_at_.contains({address, mail.read.message_id})) continue;
        if ((mail.read.subject + "\n" + mail.read.text).find(words) == std::string::npos) continue;
        looked_at_.insert({address, mail.read.message_id});
        return std::move(mail);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    std::string seen;
    for (const LandedMail& mail : all(address))
      seen += "== " + mail.read.subject + "\n" + mail.read.text + "\n";
    for (const char* verdict : {"", "refused", "kept", "asked_again", "not_done", "recorded"}) {
      const std::string line = "telavis_received_mails{verdict=\"" + std::string(verdict);
      seen += line + " " + std::to_string(metric(line)) + "\n";
    }
    ADD_FAILURE() << "no mail for " << address << " with '" << words << "'; there are:\n"
                  << seen << slurp(demo_.folder / "log");
    return {};
  }
  /// Subjects of mails that nobody has looked at.
  std::vector<std::string> left(const std::string& address) {
    std::vector<std::string> subjects;
    for (const LandedMail& mail : all(address)) {
      if (!looked_at_.contains({address, mail.read.message_id}))
        subjects.push_back(mail.read.subject);
    }
    return subjects;
  }
  std::vector<LandedMail> all(const std::string& address) {
    std::vector<LandedMail> mails;
    for (const auto& file : rig_.mails(address)) {
      std::string raw = slurp(file);
      auto read = read_mail(as_bytes(raw));
      if (!read) continue;  // a reader moved it meanwhile
      mails.push_back({file, std::move(raw), std::move(*read)});
    }
    return mails;
  }
  /// Mails that came more than once; each copy has the body of the first.
  std::size_t doubles(const std::string& address) {
    std::map<std::string, std::string> first;
    std::size_t count = 0;
    for (const LandedMail& mail : all(address)) {
      const auto [found, is_new] = first.emplace(mail.read.message_id, mail.read.body_hash);
      if (is_new) continue;
      ++count;
      EXPECT_EQ(found->second, mail.read.body_hash) << mail.read.subject;
    }
    return count;
  }

  boost::json::value get(const std::string& role, const std::string& path) {
    return body(role, [&](HttpsClient& http) { return http.get(path); });
  }
  boost::json::value post(const std::string& role, const std::string& path,
                          const std::string& json) {
    return body(role, [&](HttpsClient& http) { return http.post_json(path, json, ""); });
  }
  /// The figures of the only case whose number is in this text.
  boost::json::value case_of(const std::string& text, const std::string& role = "coordinator") {
    const auto all = get(role, "/api/v1/cases");
    for (const auto& one : all.at("cases").as_array()) {
      if (text.find(one.at("number").as_string().c_str()) != std::string::npos) return one;
    }
    ADD_FAILURE() << "no case of the number in: " << text;
    return {};
  }
  /// The last figure of /metrics whose line begins with this.
  double metric(const std::string& name) {
    HttpsClient http({demo_.url, (demo_.data / "tls/certificate.pem").string()});
    const auto answer = http.get("/metrics");
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().text);
    if (!answer) return -1;
    const std::string text(as_text(answer->body));
    const auto at = text.find("\n" + name);
    if (at == std::string::npos) return 0;
    const auto from = text.rfind(' ', text.find('\n', at + 1));
    return boost::json::parse(text.substr(from + 1, text.find('\n', at + 1) - from - 1))
        .to_number<double>();
  }
  /// How often an action stands in the audit chain of a case.
  int audited(const std::string& number, const std::string& action) {
    const std::string chain = telavis("case history " + number);
    int count = 0;
    for (auto at = chain.find("\"" + action + "\""); at != std::string::npos;
         at = chain.find("\"" + action + "\"", at + 1)) {
      ++count;
    }
    return count;
  }
  std::string telavis(const std::string& arguments) {
    const Ran ran = run_telavis(demo_.folder, arguments + " --config conf.json");
    EXPECT_EQ(ran.status, 0) << arguments << ": " << ran.output;
    return ran.output;
  }
  const std::filesystem::path& folder() const { return demo_.folder; }
  const std::filesystem::path& data() const { return demo_.data; }
  MailRig& rig() { return rig_; }

 private:
  static std::string members(MailRig& rig) {
    namespace json = boost::json;
    const json::object mailbox{
        {"address", kEngineBox},
        {"submission",
         json::object{{"host", "localhost"}, {"port", rig.smtp_port("cardio", "mutual")}}},
        {"imap", json::object{{"host", "localhost"}, {"port", rig.imap_port()}}},
        {"certificate_file", rig.pki("client.pem").string()},
        {"key_file", rig.pki("client.key").string()},
        {"sasl", "XOAUTH2"},
        {"token_file", token_file(rig).string()}};
    const json::object mail{{"ca_file", rig.pki("ca.pem").string()},
                            {"crl_file", rig.pki("ca.crl").string()},
                            {"timeout_s", 20},
                            {"poll_s", 1},
                            {"first_retry_s", 1},
                            {"answers_an_hour", 1000},
                            {"accounts", json::array{mailbox}}};
    return R"("log_level":"error","trust_list":{},"mss_profile":{"nil":"TELAVIS-RIG"},"mail":)" +
           json::serialize(mail);
  }
  static std::filesystem::path token_file(MailRig& rig) {
    const auto file = rig.pki("engine.token");
    std::ofstream(file) << rig.token(kEngineBox, 24 * 3600);
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file;
  }
  static std::string generated_at() {
    return format_utc(std::chrono::floor<std::chrono::seconds>(
        std::chrono::system_clock::from_time_t(std::time(nullptr)) - std::chrono::hours(1)));
  }
  std::string salt() const { return std::to_string(reinterpret_cast<std::uintptr_t>(this)); }

  /// The demonstration's people of Guadeloupe get mailboxes of the rig; one expert is left.
  void import(int release_minutes) {
    namespace json = boost::json;
    auto programme = json::parse(telavis("programme export " + std::string(kProgramme)));
    programme.at("mailbox") = kEngineBox;
    programme.at("time_zone") = zone_of_noon();
    programme.at("version") = programme.at("version").as_int64() + 1;
    programme.at("sla").at("release_delay_seconds") = 0;
    programme.at("sla").at("mail_release_delay_minutes") = release_minutes;
    save("programme.json", json::serialize(programme));
    telavis("programme import programme.json");
    for (const auto& [login, address] : {std::pair<std::string, std::string>{"zephir", kGp},
                                         {"corail", kExpert},
                                         {"pointe", kCoordinator},
                                         {"balisier", kReferent}}) {
      auto person = json::parse(telavis("person export demo-" + login));
      person.at("mail_address") = address;
      for (const char* day : {"identity_checked_on", "decided_on", "charter_signed_on"})
        person.at("enrolment").at(day) = "2026-01-15";
      person.at("enrolment").at("charter_version") = "2026-1";
      person.at("enrolment").at("decided_by") = "demo-pointe";
      save("person.json", json::serialize(person));
      telavis("person import person.json");
    }
    telavis("person suspend alize");
  }
  /// Where it is about noon now: what can wait leaves by day alone, whenever this runs.
  static std::string zone_of_noon() {
    const auto east = static_cast<int>(12 - std::time(nullptr) / 3600 % 24);
    return "Etc/GMT" + std::string(east > 0 ? "-" : "+") + std::to_string(east > 0 ? east : -east);
  }
  void save(const std::string& name, const std::string& text) const {
    std::ofstream(demo_.folder / name) << text;
  }

  static std::string wire(const LoopMail& mail, const std::string& id) {
    std::string out = "From: <" + mail.from + ">\r\nTo: <" + mail.to + ">\r\nSubject: =?utf-8?B?" +
                      base64_encoded(as_bytes(mail.subject)) +
                      "?=" + "\r\nDate: Sun, 22 Nov 2026 19:00:00 +0100\r\nMessage-ID: <" + id +
                      ">\r\n";
    if (!mail.in_reply_to.empty()) {
      out +=
          "In-Reply-To: <" + mail.in_reply_to + ">\r\nReferences: <" + mail.in_reply_to + ">\r\n";
    }
    out += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n";
    out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           folded(as_bytes(mail.text));
    if (mail.with_tracing) {
      const std::string ecg =
          slurp(std::filesystem::path(TELAVIS_SOURCE_DIR) / "fixtures/demo-ecg.scp");
      out +=
          "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64"
          "\r\nContent-Disposition: attachment; filename=\"trace.scp\"\r\n\r\n" +
          folded(as_bytes(ecg));
    }
    return out + "--b--\r\n";
  }
  static std::string folded(ByteView bytes) {
    const std::string whole = base64_encoded(bytes);
    std::string out;
    for (std::size_t i = 0; i < whole.size(); i += 76) out += whole.substr(i, 76) + "\r\n";
    return out;
  }

  template <typename Ask>
  boost::json::value body(const std::string& role, Ask ask) {
    auto& client = clients_[role];
    if (!client) client = std::make_unique<Client>(demo_.url, demo_.data, role);
    HttpsClient* const http = client->session(client->logins().front());
    EXPECT_NE(http, nullptr) << role;
    if (http == nullptr) return {};
    const auto answer = ask(*http);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().text);
    if (!answer) return {};
    EXPECT_EQ(answer->status, 200) << as_text(answer->body);
    return boost::json::parse(as_text(answer->body));
  }

  MailRig& rig_;
  Demonstration demo_;
  std::unique_ptr<Process> server_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::set<std::pair<std::string, std::string>> looked_at_;  // address, Message-ID
  int sent_ = 0;
};

}  // namespace telavis::test
