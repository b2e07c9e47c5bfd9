// SPDX-License-Identifier: Apache-2.0
#include "engine/simulation/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace telavis {
namespace {

/// The value that `share` of the ascending values do not exceed; 0 without values.
template <typename T>
T quantile(const std::vector<T>& ascending, double share) {
  if (ascending.empty()) return T{};
  const auto place = static_cast<std::size_t>(share * static_cast<double>(ascending.size()));
  return ascending[std::min(place, ascending.size() - 1)];
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

void add_case(Figures& figures, const Case& subject) {
  figures.cases += 1;
  figures.by_state[std::string(case_state_name(subject.state))] += 1;
  figures.promised += subject.promise ? 1 : 0;
  figures.breaches += subject.breached_at ? 1 : 0;
  figures.offers += static_cast<std::int64_t>(subject.offers.size());
  figures.declines += std::ranges::count(subject.offers, OfferOutcome::declined, &Offer::outcome);
  figures.waits +=
      std::ranges::count(subject.dialogue, DialogueKind::need_info, &DialogueItem::kind);
  figures.kept_opinions += static_cast<std::int64_t>(subject.kept_opinions.size());
  if (!subject.answered_at) return;
  figures.answered += 1;
  figures.urgent += subject.opinion->marks.urgent ? 1 : 0;
  figures.corrected += subject.opinion->corrects.empty() ? 0 : 1;
  figures.in_promise += *subject.answered_at <= subject.promise->breach_at ? 1 : 0;
  const Duration delay = *subject.answered_at - subject.promise->completed_at;
  figures.in_48_h += delay <= std::chrono::hours(48) ? 1 : 0;
  figures.delays_h.push_back(static_cast<double>(delay.count()) / 3'600'000.0);
}

}  // namespace

void Figures::add(const Figures& other) {
  cases += other.cases;
  for (const auto& [state, count] : other.by_state) by_state[state] += count;
  promised += other.promised;
  answered += other.answered;
  in_promise += other.in_promise;
  in_48_h += other.in_48_h;
  append(delays_h, other.delays_h);
  breaches += other.breaches;
  offers += other.offers;
  declines += other.declines;
  waits += other.waits;
  urgent += other.urgent;
  corrected += other.corrected;
  kept_opinions += other.kept_opinions;
  transferred += other.transferred;
  billable_acts += other.billable_acts;
  append(answers_by_expert, other.answers_by_expert);
  append(fairness, other.fairness);
  counts.steps += other.counts.steps;
  counts.commands += other.counts.commands;
  counts.refused += other.counts.refused;
  counts.replayed += other.counts.replayed;
  counts.races += other.counts.races;
  counts.mails += other.counts.mails;
  counts.mails_bounced += other.counts.mails_bounced;
  counts.crashes += other.counts.crashes;
  counts.asked_again += other.counts.asked_again;
  counts.given_up += other.counts.given_up;
  counts.never_asked += other.counts.never_asked;
  counts.wire_copies += other.counts.wire_copies;
  counts.files_left += other.counts.files_left;
  decisions += other.decisions;
}

Figures figures_of(Stage& stage, const Cast& cast) {
  Figures figures;
  std::map<UserId, std::int64_t> asked;  // by name; of a pool asked openly: who took it
  std::map<UserId, std::int64_t> answers;
  for (const UserId& expert : cast.experts()) asked[expert] = answers[expert] = 0;
  stage.model().each_case([&](const Case& subject) {
    add_case(figures, subject);
    figures.transferred += subject.programme == cast.programme().id ? 0 : 1;
    for (const BillableAct& act : *stage.model().peek_acts(subject.id)) {
      figures.billable_acts += act.billable ? 1 : 0;
    }
    for (const Offer& offer : subject.offers) {
      const auto found = asked.find(offer.expert);
      const bool counts = offer.expires_at || offer.outcome == OfferOutcome::accepted;
      if (found != asked.end() && counts) found->second += 1;
    }
    const auto author = subject.answered_at ? answers.find(subject.opinion->expert) : answers.end();
    if (author != answers.end()) author->second += 1;
  });
  std::int64_t most = 0;
  std::int64_t all = 0;
  for (const auto& [expert, count] : asked) {
    most = std::max(most, count);
    all += count;
  }
  for (const auto& [expert, count] : answers) figures.answers_by_expert.push_back(count);
  if (all > 0) {
    figures.fairness.push_back(static_cast<double>(most) * static_cast<double>(asked.size()) /
                               static_cast<double>(all));
  }
  figures.counts = stage.counts();
  figures.decisions = stage.model().commit_count();
  return figures;
}

std::string figures_text(const Figures& figures) {
  std::vector<double> delays = figures.delays_h;
  std::ranges::sort(delays);
  std::vector<std::int64_t> loads = figures.answers_by_expert;
  std::ranges::sort(loads);
  std::string text =
      fmt::format("cases {}, promised {}, answered {} ({:.1f} %)\n", figures.cases,
                  figures.promised, figures.answered, percent(figures.answered, figures.promised));
  text += "by state:";
  for (const auto& [state, count] : figures.by_state) text += fmt::format(" {} {}", state, count);
  text += fmt::format(
      "\ndelay to the opinion: median {:.1f} h, P90 {:.1f} h; within the promise {:.1f} %, "
      "within 48 h {:.1f} % of the answered\n",
      quantile(delays, 0.5), quantile(delays, 0.9), percent(figures.in_promise, figures.answered),
      percent(figures.in_48_h, figures.answered));
  text += fmt::format("breaches {}, offers a case {:.2f}, declines {}, waits {}, transferred {}\n",
                      figures.breaches,
                      static_cast<double>(figures.offers) /
                          static_cast<double>(std::max<std::int64_t>(1, figures.promised)),
                      figures.declines, figures.waits, figures.transferred);
  text +=
      fmt::format("urgent {}, corrected {}, opinions kept aside {}, billable acts {}\n",
                  figures.urgent, figures.corrected, figures.kept_opinions, figures.billable_acts);
  const double sum = std::accumulate(figures.fairness.begin(), figures.fairness.end(), 0.0);
  const auto worlds = static_cast<double>(std::max<std::size_t>(1, figures.fairness.size()));
  const double worst = figures.fairness.empty() ? 0 : *std::ranges::max_element(figures.fairness);
  text += fmt::format(
      "answers an expert: least {}, median {}, most {}; asked: most over mean {:.2f} (worst world "
      "{:.2f})\n",
      quantile(loads, 0), quantile(loads, 0.5), quantile(loads, 1), sum / worlds, worst);
  const Stage::Counts& counts = figures.counts;
  text += fmt::format(
      "decisions {}, commands {}, refused {}, repeated {}, overtaken {}, mails {}, bounced {}\n",
      figures.decisions, counts.commands, counts.refused, counts.replayed, counts.races,
      counts.mails, counts.mails_bounced);
  text += fmt::format(
      "crashes {}, asked again {}, given up {} (questions {}), mails that left again {}, files "
      "left behind "
      "{}\n",
      counts.crashes, counts.asked_again, counts.given_up, counts.never_asked, counts.wire_copies,
      counts.files_left);
  return text;
}

}  // namespace telavis
