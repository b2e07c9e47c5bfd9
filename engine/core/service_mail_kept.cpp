// SPDX-License-Identifier: Apache-2.0
// Mails that wait for a person: the medical referent is told, lists, opens and files them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/core/received_mail.h"
#include "engine/core/service_mail.h"

namespace telavis {
namespace {

constexpr Duration kAlertAfter = std::chrono::hours(2);  // of working time
constexpr std::size_t kMostListed = 500;
constexpr int kDayBegins = 8 * 60, kDayEnds = 18 * 60;

/// The programme's own hours, or those of an office.
Timetable working_hours_of(const Programme& programme) {
  const auto& week = programme.working_hours.week;
  if (std::ranges::any_of(week, [](const auto& day) { return !day.empty(); })) {
    return programme.working_hours;
  }
  Timetable hours;
  hours.time_zone = programme.time_zone;
  hours.holidays = programme.holidays;
  for (std::size_t day = 0; day < 5; ++day) hours.week[day] = {{kDayBegins, kDayEnds}};
  return hours;
}

KeptMail listed(const ReceivedMail& mail) {
  return {mail.id,          mail.account,
          mail.received_at, mail_verdict_from_name(mail.verdict).value_or(MailVerdict::kept),
          mail.case_id,     mail.detail};
}

bool waits(const ReceivedMail& mail) {
  return mail.verdict == mail_verdict_name(MailVerdict::kept) ||
         mail.verdict == mail_verdict_name(MailVerdict::asked_again);
}

Result<std::vector<ReceivedMail>> waiting_mails(Repository& repository) {
  std::vector<ReceivedMail> all;
  for (const MailVerdict verdict : {MailVerdict::kept, MailVerdict::asked_again}) {
    ReceivedQuery query;
    query.verdict = mail_verdict_name(verdict);
    query.limit = kMostListed;
    auto some = repository.received_mails(query);
    if (!some) return some;
    std::ranges::move(*some, std::back_inserter(all));
  }
  std::ranges::stable_sort(all, std::ranges::greater{}, &ReceivedMail::received_at);
  return all;
}

tl::unexpected<Error> not_referent() {
  return fail(ErrorCode::forbidden,
              "Only the medical referent of a programme opens mails that nobody could file.");
}

}  // namespace

Result<int> MailDesk::alert_kept() {
  const auto mails = waiting_mails(ports_.repository);
  if (!mails) return tl::unexpected(mails.error());
  const Instant now = ports_.clock.now();
  int told = 0;
  for (const ReceivedMail& mail : *mails) {
    const auto programmes = programmes_of(mail.account);
    if (!programmes) return tl::unexpected(programmes.error());
    if (programmes->empty()) continue;
    const Instant due =
        add_open_time(working_hours_of(programmes->front()), mail.received_at, kAlertAfter);
    if (due > now) continue;
    const auto days = std::chrono::duration_cast<std::chrono::hours>(now - due).count() / 24;
    if (const auto alerted = alert_referents(mail, fmt::format("{}", days)); !alerted) {
      return tl::unexpected(alerted.error());
    }
    ++told;
  }
  return told;
}

Result<MailVerdict> MailDesk::file(const ReceivedMail& received, const MailFiling& filing) {
  if (filing.as == "nothing") {
    return close(received, {MailVerdict::dismissed, received.case_id, received.detail});
  }
  if (filing.as == "again") return read_again(received);
  const std::string event_id = "mail:" + received.id + "/filed";
  auto known = known_outcome(event_id);
  if (!known) return tl::unexpected(known.error());
  if (*known) return close(received, {MailVerdict::filed, (*known)->case_id, (*known)->detail});
  const auto bytes = open_received(received, *service_.ring_.get());
  if (!bytes) return tl::unexpected(bytes.error());
  auto mail = ports_.read_mail(*bytes);
  if (!mail) return tl::unexpected(mail.error());
  AtHand at{received, event_id, ports_.clock.now(), std::move(*mail), {}, {}, {}, {}, {}, true};
  auto programmes = programmes_of(received.account);
  if (!programmes) return tl::unexpected(programmes.error());
  at.programmes = std::move(*programmes);
  bool shared = false;
  auto sender = sender_of(at.mail, shared);
  if (!sender) return tl::unexpected(sender.error());
  auto subject = ports_.repository.case_by_number(filing.case_number);
  if (!subject) return tl::unexpected(subject.error());
  if (!*sender || shared || !*subject) {
    return fail(ErrorCode::not_found,
                "There is no such case, or the sender is nobody who has a part in it.");
  }
  at.sender = std::move(**sender);
  at.subject = std::move(**subject);
  at.reply = read_reply(at.mail);
  const auto outcome = file_in_case(at, filing);
  if (!outcome) return tl::unexpected(outcome.error());
  return close(received, {MailVerdict::filed, outcome->case_id, outcome->detail});
}

Result<MailVerdict> MailDesk::read_again(const ReceivedMail& received) {
  // Each reading leaves another detail, so that the next one is an event of its own.
  const std::string event_id =
      "mail:" + received.id + "/again/" + hash_hex(received.detail).substr(0, 8);
  auto outcome = known_outcome(event_id);
  if (!outcome) return tl::unexpected(outcome.error());
  if (!*outcome) {
    ReceivedMail again = received;
    again.detail.clear();
    auto read = judge(again, event_id);
    if (!read) return tl::unexpected(read.error());
    *outcome = std::move(*read);
  }
  (*outcome)->detail = "again " + (*outcome)->detail;
  return close(received, **outcome);
}

MailDesk::Step MailDesk::file_in_case(AtHand& at, const MailFiling& filing) {
  if (filing.as == "information") return inform(at, read_requester_words(at.mail).whole);
  // His words, read by a doctor to be his opinion: they leave as they stand, after his echo.
  OpinionText opinion;
  opinion.conclusion = at.reply.own_words;
  opinion.own_words = at.reply.own_words;
  if (at.reply.urgent) opinion.orientation = "emergency_15";
  return sign(at, opinion);
}

// ---- Service ------------------------------------------------------------------------------------

Result<std::vector<KeptMail>> Service::kept_mails(const User& actor) {
  const auto run = [&]() -> Result<std::vector<KeptMail>> {
    if (!actor.has_anywhere(Role::medical_referent)) return not_referent();
    const auto mails = waiting_mails(ports_.repository);
    if (!mails) return tl::unexpected(mails.error());
    std::vector<KeptMail> his;
    for (const ReceivedMail& mail : *mails) {
      const auto may = may_open_mail(actor, mail);
      if (!may) return tl::unexpected(may.error());
      if (*may) his.push_back(listed(mail));
    }
    return his;
  };
  return audited(actor, "kept_mails", run());
}

Result<bool> Service::may_open_mail(const User& actor, const ReceivedMail& mail) {
  const auto programmes = ports_.repository.programmes();
  if (!programmes) return tl::unexpected(programmes.error());
  return std::ranges::any_of(*programmes, [&](const Programme& programme) {
    return programme.mailbox == mail.account && actor.has(Role::medical_referent, programme.id);
  });
}

Result<ReceivedMail> Service::mail_for(const User& actor, const std::string& id,
                                       std::string_view action, std::string_view reason) {
  if (const auto said = check_referent_reason(reason); !said) return tl::unexpected(said.error());
  if (!actor.has_anywhere(Role::medical_referent)) return not_referent();
  auto mail = ports_.repository.received_mail(id);
  if (!mail) return tl::unexpected(mail.error());
  const auto may = *mail ? may_open_mail(actor, **mail) : Result<bool>(false);
  if (!may) return tl::unexpected(may.error());
  if (!*may) return fail(ErrorCode::not_found, "There is no such mail, or it is not yours.");
  const auto noted = ports_.repository.append_node_audit(
      {ports_.clock.now(), actor.id.value, std::string(action), id + " " + hash_hex(reason)});
  if (!noted) return tl::unexpected(noted.error());
  return std::move(**mail);
}

Result<OpenedMail> Service::open_kept_mail(const User& actor, const std::string& id,
                                           std::string_view reason) {
  const auto run = [&]() -> Result<OpenedMail> {
    const auto mail = mail_for(actor, id, "mail_opened", reason);
    if (!mail) return tl::unexpected(mail.error());
    auto bytes = open_received(*mail, *ring_.get());
    if (!bytes) return tl::unexpected(bytes.error());
    auto content = ports_.read_mail(*bytes);
    // What no reader understands is given as it came.
    return OpenedMail{listed(*mail), content ? std::move(*content) : IncomingMail(),
                      std::move(*bytes)};
  };
  return audited(actor, "open_mail", run());
}

Result<MailVerdict> Service::file_mail(const User& actor, const std::string& id,
                                       const MailFiling& filing, std::string_view reason) {
  const auto run = [&]() -> Result<MailVerdict> {
    constexpr std::array<std::string_view, 4> kWays = {"information", "opinion", "again",
                                                       "nothing"};
    if (std::ranges::find(kWays, std::string_view(filing.as)) == kWays.end()) {
      return fail(ErrorCode::invalid_field,
                  "'as' must be one of: information, opinion, again, nothing.");
    }
    const auto mail = mail_for(actor, id, "mail_filed", reason);
    if (!mail) return tl::unexpected(mail.error());
    if (!waits(*mail)) {
      return fail(ErrorCode::state_conflict, "This mail waits for nobody any more.");
    }
    return MailDesk(*this).file(*mail, filing);
  };
  return audited(actor, "file_mail", run());
}

}  // namespace telavis
