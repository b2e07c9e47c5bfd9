// SPDX-License-Identifier: Apache-2.0
// What mail costs, on the two operators of tests/mssante/rig (root): messages a second out and in
// over mutual TLS beside what Postfix hands on by itself in the same run, processor time a message,
// memory on a mailbox of many messages, time from delivery to the answer.
// TELAVIS_MAIL_MESSAGES=10000.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/mail/mail_loop.h"

namespace telavis::test {
namespace {

using SteadyClock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::size_t kOut = 500;        // mails handed to an operator, and by one to the other
constexpr std::size_t kQuestions = 300;  // with a tracing of 36 KB: each becomes a case

double since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// Processor time of a process so far, in seconds: fields 14 and 15 of /proc/pid/stat.
double processor_seconds(pid_t pid) {
  const std::string text = slurp("/proc/" + std::to_string(pid) + "/stat");
  std::size_t at = text.rfind(')') + 2;
  for (int field = 3; field < 14; ++field) at = text.find(' ', at) + 1;
  const auto number = [&] {
    const std::size_t end = text.find(' ', at);
    const auto value = boost::json::parse(text.substr(at, end - at)).to_number<double>();
    at = end + 1;
    return value;
  };
  const double user = number();
  return (user + number()) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double peak_megabytes(pid_t pid) {
  const std::string text = slurp("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = text.find("VmHWM:") + 6;
  const std::size_t from = text.find_first_of("0123456789", at);
  return boost::json::parse(text.substr(from, text.find(' ', from) - from)).to_number<double>() /
         1024;
}

class MailFigures : public testing::Test {
 protected:
  void SetUp() override {
    if (!rig.why_not().empty()) GTEST_SKIP() << rig.why_not();
    loop = std::make_unique<MailLoop>(rig);
  }

  /// Files in the engine's mailbox, as its operator's delivery leaves them.
  void fill(std::size_t count, const std::function<std::string(std::size_t)>& mail) {
    const fs::path box = rig.mails(kEngineBox).front().parent_path().parent_path();
    struct stat owner {};
    ASSERT_EQ(::stat(box.c_str(), &owner), 0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "1700000000.M" + std::to_string(++filled) + ".rig";
      std::ofstream(box / "tmp" / name) << mail(i);
      ASSERT_EQ(::chown((box / "tmp" / name).c_str(), owner.st_uid, owner.st_gid), 0);
      fs::rename(box / "tmp" / name, box / "new" / name);
    }
  }
  double received() {
    double sum = 0;
    for (const char* verdict : {"recorded", "submitted", "reported", "refused", "duplicate"})
      sum += loop->metric("telavis_received_mails{verdict=\"" + std::string(verdict) + "\"}");
    return sum;
  }
  void wait(const std::function<bool()>& done) {
    const auto start = SteadyClock::now();
    while (!done() && since(start) < 900)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(done());
  }

  MailRig rig;
  std::unique_ptr<MailLoop> loop;
  std::size_t filled = 0;
};

std::string small_mail(const std::string& id, const std::string& more) {
  std::string mail = "Return-Path: <" + kGp + ">\nFrom: <" + kGp + ">\nTo: <" + kEngineBox +
                     ">\nSubject: Absence\nDate: Sun, 22 Nov 2026 19:00:00 +0100\nMessage-ID: <" +
                     id + "@client.test>\n" + more + "\n";
  while (mail.size() < 2000)
    mail += "Je suis absent jusqu'au 30 novembre et je vous lirai ensuite.\n";
  return mail;
}

TEST_F(MailFigures, OutOverMutualTlsBesidePostfixItself) {
  SmtpAccount account;
  account.submission = rig.account(kEngineBox);
  account.submission.port = rig.smtp_port("cardio", "mutual");
  rig.show_certificate(account.submission);
  SmtpMailer mailer({account}, SmtpOptions{false, std::chrono::seconds(0)},
                    smtp_ports([](const std::string&) {}));
  const auto send_all = [&](const std::string& prefix) {
    for (std::size_t i = 0; i < kOut; ++i) {
      const std::string id = prefix + std::to_string(i);
      std::string mime;
      for (const char c : small_mail(id, ""))
        mime += c == '\n' ? std::string("\r\n") : std::string(1, c);
      ASSERT_EQ(mailer.send({id, kEngineBox, "gp2@mg.mssante.test"}, as_bytes(mime)).outcome,
                SendOutcome::accepted);
    }
  };
  // The other operator is down meanwhile, so that Postfix works for nobody else.
  rig.ask("kill9 mg");
  const double before = processor_seconds(::getpid());
  const auto start = SteadyClock::now();
  send_all("out");
  const double took = since(start);
  const double processor = processor_seconds(::getpid()) - before;
  rig.ask("start mg");
  const auto handing_on = SteadyClock::now();
  rig.ask("flush cardio");
  wait([&] { return rig.mails("gp2@mg.mssante.test").size() >= kOut; });
  const double own = since(handing_on);
  std::printf("out, one connection: %.0f/s, %.2f ms of processor a mail of 2 KB\n",
              static_cast<double>(kOut) / took, 1000 * processor / static_cast<double>(kOut));
  std::printf("Postfix to Postfix, same mails: %.0f/s\n", static_cast<double>(kOut) / own);
}

TEST_F(MailFigures, InFromAMailboxOfManyMails) {
  const std::size_t messages = amount_of("TELAVIS_MAIL_MESSAGES", 10'000);
  loop->send({kGp, "Bonjour", "premier"});  // makes the mailbox
  loop->got(kGp, "NON TRANSMIS");
  const double at_rest = peak_megabytes(loop->engine_pid());
  const double known = received();
  const double before = processor_seconds(loop->engine_pid());
  fill(messages, [](std::size_t i) {
    return small_mail("in" + std::to_string(i), "Auto-Submitted: auto-replied\n");
  });
  const auto start = SteadyClock::now();
  wait([&] { return received() >= known + static_cast<double>(messages); });
  const double took = since(start);
  const double processor = processor_seconds(loop->engine_pid()) - before;
  const double count = static_cast<double>(messages);
  std::printf("in, %zu mails of 2 KB: %.0f/s, %.2f ms of processor a mail\n", messages,
              count / took, 1000 * processor / count);
  std::printf("memory: %.0f MB at rest, at most %.0f MB\n", at_rest,
              peak_megabytes(loop->engine_pid()));
}

TEST_F(MailFigures, QuestionsBecomeCasesAndAreAnswered) {
  loop->send({kGp, "Bonjour", "premier"});
  loop->got(kGp, "NON TRANSMIS");
  const std::string ecg = slurp(fs::path(TELAVIS_SOURCE_DIR) / "fixtures/demo-ecg.scp");
  const double before = processor_seconds(loop->engine_pid());
  const auto start = SteadyClock::now();
  fill(kQuestions, [&](std::size_t i) {
    return "Return-Path: <" + kGp + ">\nFrom: <" + kGp + ">\nTo: <" + kEngineBox +
           ">\nSubject: Avis\nMessage-ID: <q" + std::to_string(i) +
           "@client.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
           "Content-Type: text/plain; charset=utf-8\n\nMotif : trouble du rythme\n"
           "Question : Le rythme est-il régulier ?\n--b\n"
           "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
           "Content-Disposition: attachment; filename=t.scp\n\n" +
           base64_encoded(as_bytes(ecg)) + "\n--b--\n";
  });
  wait([&] { return loop->metric("telavis_received_mails{verdict=\"submitted\"}") >= kQuestions; });
  const double taken = since(start);
  wait([&] { return rig.mails(kGp).size() >= kQuestions + 1; });
  const double answered = since(start);
  std::printf(
      "%zu questions with a tracing: %.0f/s become cases, %.0f/s are answered as well, %.1f ms of "
      "processor each\n",
      kQuestions, kQuestions / taken, kQuestions / answered,
      1000 * (processor_seconds(loop->engine_pid()) - before) / kQuestions);
}

TEST_F(MailFigures, FromDeliveryToTheAnswer) {
  std::vector<double> times;
  for (int i = 0; i < 20; ++i) {
    const auto start = SteadyClock::now();
    loop->send({kGp, "Motif : trouble du rythme\nQuestion : Régulier ?\n", "Avis", "", true});
    loop->got(kGp, "demande à compléter");
    times.push_back(since(start));
  }
  std::ranges::sort(times);
  std::printf(
      "from sending to the answer in the GP's mailbox, mailboxes looked at each second: "
      "median %.1f s, at most %.1f s\n",
      times[times.size() / 2], times.back());
}

}  // namespace
}  // namespace telavis::test
