// SPDX-License-Identifier: Apache-2.0
// The main job, step by step, as the demonstration's doctors would do it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>
#include <utility>

#include "devices/https_client.h"
#include "engine/core/json_reader.h"
#include "engine/demonstration.h"

namespace telavis {
namespace {

namespace json = boost::json;
using Print = std::function<void(const std::string&)>;

constexpr std::chrono::milliseconds kPoll{20};
constexpr int kMaxPolls = 3000;  // a minute

std::string slurp(const Bytes& bytes) {
  return std::string(as_text(bytes));
}

/// The newest file of an address's Maildir: where the message just sent has arrived.
std::string newest_mail(const std::filesystem::path& maildir, const std::string& address) {
  std::filesystem::path newest;
  std::filesystem::file_time_type newest_time{};
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(maildir / address / "new", failed)) {
    const auto written = entry.last_write_time(failed);
    if (newest.empty() || written >= newest_time) {
      newest = entry.path();
      newest_time = written;
    }
  }
  return newest.string();
}

class MainJob {
 public:
  MainJob(Node& node, std::string base_url, const std::vector<DemonstrationLogin>& logins,
          const DemonstrationExam& exam, const Print& print)
      : node_(node), base_url_(std::move(base_url)), logins_(logins), exam_(exam), print_(print) {}

  Result<void> run() {
    for (const auto step :
         {&MainJob::look, &MainJob::upload, &MainJob::follow_offer, &MainJob::accept,
          &MainJob::answer, &MainJob::read_report, &MainJob::list_acts}) {
      if (auto done = (this->*step)(); !done) return done;
    }
    return {};
  }

 private:
  void say(std::string_view step, const std::string& what) {
    print_(fmt::format("  {:<11} {}", step, what));
  }

  HttpsClient client() const {
    return HttpsClient({base_url_, node_.config().certificate_file.string()});
  }

  Result<HttpsClient> logged_in(const std::string& login) const {
    const auto found = std::find_if(logins_.begin(), logins_.end(),
                                    [&](const auto& known) { return known.login == login; });
    if (found == logins_.end())
      return fail(ErrorCode::not_found, "No demonstration login " + login);
    HttpsClient session = client();
    const auto answer = session.post_json(
        "/api/v1/login",
        json::serialize(json::object{{"login", found->login}, {"password", found->password}}));
    if (const auto fine = expect(answer, 200); !fine) return tl::unexpected(fine.error());
    return session;
  }

  static Result<void> expect(const Result<HttpsAnswer>& answer, int status) {
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status == status) return {};
    return fail(ErrorCode::unavailable,
                fmt::format("The server answered {}: {}", answer->status, slurp(answer->body)));
  }

  std::string key() const { return random_id(node_.random(), 16); }

  Result<void> look() {
    const auto decoded = decode_exam(exam_.bytes);
    if (!decoded) return tl::unexpected(decoded.error());
    ecg_ = std::holds_alternative<EcgRecording>(*decoded);
    if (ecg_) {
      const PatientIdentity& patient = std::get<EcgRecording>(*decoded).patient;
      identity_in_file_ = !patient.family_name.empty() && !patient.given_name.empty() &&
                          !patient.birth_date.empty();
    }
    if (auto chosen = choose_programme(ecg_ ? "cardiology" : "dermatology"); !chosen) return chosen;
    print_(fmt::format("{} ({} bytes) for {}", exam_.name, exam_.bytes.size(), programme_.name_en));
    return {};
  }

  /// The programme whose request the demonstration has ready for this kind of exam.
  Result<void> choose_programme(std::string_view speciality) {
    for (const DemonstrationRequest& request : demonstration_requests()) {
      auto programme = node_.repository().programme(request.programme);
      if (!programme) return tl::unexpected(programme.error());
      if (!*programme || (*programme)->speciality != speciality) continue;
      programme_ = std::move(**programme);
      request_ = request.json;
      return {};
    }
    return fail(ErrorCode::unknown_programme,
                fmt::format("The demonstration has no programme of {}.", speciality));
  }

  std::string request_json() const {
    json::object request = json::parse(request_).as_object();
    if (!identity_in_file_) {
      request["patient"] = json::object{{"family_name", ecg_ ? "EXEMPLE" : "MODELE"},
                                        {"given_name", ecg_ ? "Camille" : "Dominique"},
                                        {"birth_date", ecg_ ? "1961-03-02" : "1958-07-19"},
                                        {"sex", ecg_ ? "female" : "male"}};
    }
    return json::serialize(request);
  }

  std::string login_of(Role role) const {
    for (const DemonstrationLogin& login : logins_) {
      if (login.programme == programme_.id.value && login.role == role_name(role)) {
        return login.login;
      }
    }
    return {};
  }

  Result<void> upload() {
    auto session = logged_in(login_of(Role::requester));
    if (!session) return tl::unexpected(session.error());
    const auto answer = session->post_multipart("/api/v1/cases", request_json(),
                                                {{"web", exam_.name, exam_.bytes}}, key());
    if (auto fine = expect(answer, 201); !fine) return fine;
    JsonReader reader(as_text(answer->body));
    auto created = reader.object("case", true);
    if (created) id_ = CaseId(created->text("id", 64));
    const auto subject = wait_for([](const Case&) { return true; });
    if (!subject) return tl::unexpected(subject.error());
    say("uploaded", fmt::format("POST /api/v1/cases, Idempotency-Key: case {}", subject->number));
    for (const ExamSummary& exam : subject->exams) {
      std::string findings;
      for (const std::string& code : exam.findings) {
        findings += (findings.empty() ? "" : ", ") + code;
      }
      say("decoded", fmt::format("{} {}, {}; technical findings: {}", exam.kind, exam.format,
                                 exam.detail, findings.empty() ? "none" : findings));
    }
    say("sealed", fmt::format("original, normalised{} under the key of the case: {}",
                              ecg_ ? "" : " and preview", subject->exam_blobs.front().value));
    say("queued", fmt::format("answer promised for {}", format_utc(subject->promise->breach_at)));
    requester_ = std::move(*session);
    return {};
  }

  template <typename Condition>
  Result<Case> wait_for(Condition condition) {
    for (int i = 0; i < kMaxPolls; ++i) {
      auto subject = node_.repository().load_case(id_);
      if (!subject) return tl::unexpected(subject.error());
      if (*subject && condition(**subject)) return std::move(**subject);
      std::this_thread::sleep_for(kPoll);
    }
    return fail(ErrorCode::unavailable, "The workers did not move the case on within a minute.");
  }

  Result<void> follow_offer() {
    const auto subject = wait_for([](const Case& now) { return now.state == CaseState::offered; });
    if (!subject) return tl::unexpected(subject.error());
    const Offer& offer = subject->offers.back();
    const auto expert = node_.repository().user(offer.expert);
    if (!expert) return tl::unexpected(expert.error());
    if (!*expert) return fail(ErrorCode::not_found, "The expert is not in the database.");
    expert_ = **expert;
    say("routed", fmt::format("offered to {} until {}", expert_.display_name(),
                              format_utc(offer.expires_at.value_or(offer.offered_at))));
    const auto invited = wait_for_mail(MessageKind::invitation);
    if (!invited) return tl::unexpected(invited.error());
    say("invited", newest_mail(node_.config().maildir, expert_.mail_address));
    return {};
  }

  /// The audit chain says when a message has left.
  Result<void> wait_for_mail(MessageKind kind) {
    for (int i = 0; i < kMaxPolls; ++i) {
      const auto chain = node_.repository().audit_chain(id_.value);
      if (!chain) return tl::unexpected(chain.error());
      const bool sent = std::any_of(chain->begin(), chain->end(), [&](const AuditEntry& entry) {
        return entry.what.action == "message_sent" &&
               entry.what.detail.starts_with(message_kind_name(kind));
      });
      if (sent) return {};
      std::this_thread::sleep_for(kPoll);
    }
    return fail(ErrorCode::unavailable, "No message left within a minute.");
  }

  Result<void> accept() {
    auto session = logged_in(expert_.login);
    if (!session) return tl::unexpected(session.error());
    const auto answer = session->post_json("/api/v1/cases/" + id_.value + "/accept", "{}", key());
    if (auto fine = expect(answer, 200); !fine) return fine;
    say("accepted", "by " + expert_.display_name());
    expert_session_ = std::move(*session);
    return {};
  }

  Result<void> answer() {
    const std::string opinion = json::serialize(json::object{
        {"conclusion", ecg_ ? "Tracé lisible. Avis de démonstration, sans valeur médicale."
                            : "Photo lisible. Avis de démonstration, sans valeur médicale."},
        {"conduct", ecg_ ? "Contrôle à un mois." : "Consultation en présence."},
        {"orientation", ecg_ ? "gp_management" : "in_person"},
        {"in_person", ecg_ ? json::object{{"needed", false}}
                           : json::object{{"needed", true}, {"delay_days", 14}}},
        {"data_sufficient", true}});
    const auto sent =
        expert_session_->post_json("/api/v1/cases/" + id_.value + "/opinion", opinion, key());
    if (auto fine = expect(sent, 200); !fine) return fine;
    const auto subject = wait_for([](const Case& now) { return now.opinion.has_value(); });
    if (!subject) return tl::unexpected(subject.error());
    const Opinion& made = *subject->opinion;
    if (!verify_seal(node_.seal_public_key(), made.hash, made.seal)) {
      return fail(ErrorCode::crypto_failed, "The seal of the opinion does not verify.");
    }
    say("answered", fmt::format("opinion {}..., Ed25519 seal {}... verified",
                                made.hash.substr(0, 16), made.seal.substr(0, 16)));
    number_ = subject->number;
    return {};
  }

  Result<void> read_report() {
    if (auto sent = wait_for_mail(MessageKind::report); !sent) return sent;
    const auto answer = requester_->get("/api/v1/cases/" + id_.value + "/report");
    if (auto fine = expect(answer, 200); !fine) return fine;
    const std::filesystem::path folder = node_.config().data_dir / "demonstration";
    std::filesystem::create_directories(folder);
    const std::filesystem::path pdf = folder / (number_ + ".pdf");
    if (auto written = write_file(pdf, answer->body, FileMode::secret); !written) {
      return written;
    }
    say("report", fmt::format("{} ({} bytes)", pdf.string(), answer->body.size()));
    const auto requester = node_.repository().user_by_login(login_of(Role::requester));
    if (!requester) return tl::unexpected(requester.error());
    const std::string address = *requester ? (*requester)->mail_address : "";
    say("delivered", newest_mail(node_.config().maildir, address));
    return {};
  }

  Result<void> list_acts() {
    ActQuery query;
    query.programmes = {programme_.id};
    const auto rows = node_.repository().acts(query);
    if (!rows) return tl::unexpected(rows.error());
    for (const ActRow& row : *rows) {
      if (row.act.case_id != id_) continue;
      const auto person = node_.repository().user(row.act.professional);
      if (!person) return tl::unexpected(person.error());
      say("act", fmt::format("{} {} {}.{:02} EUR on {} ({}){}", row.act.code,
                             *person ? (*person)->display_name() : "", row.act.amount_cents / 100,
                             row.act.amount_cents % 100, row.act.care_date, row.act.tariff_zone,
                             row.act.billable ? "" : " not billable: " + row.act.refusal));
    }
    return {};
  }

  Node& node_;
  std::string base_url_;
  const std::vector<DemonstrationLogin>& logins_;
  const DemonstrationExam& exam_;
  const Print& print_;
  bool ecg_ = false;
  bool identity_in_file_ = false;
  Programme programme_;
  std::string request_;  // JSON
  CaseId id_;
  std::string number_;
  User expert_;
  std::optional<HttpsClient> requester_, expert_session_;
};

}  // namespace

Result<void> run_main_job(Node& node, const std::string& base_url,
                          const std::vector<DemonstrationLogin>& logins,
                          const DemonstrationExam& exam, const Print& print) {
  return MainJob(node, base_url, logins, exam, print).run();
}

}  // namespace telavis
