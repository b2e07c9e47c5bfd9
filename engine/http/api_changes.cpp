// SPDX-License-Identifier: Apache-2.0
// Server-sent events (WHATWG HTML, 9.2), one at a time: the answer is held until something changes,
// and ends with it; the page's EventSource comes back with the id of what it has seen.
#include <string>

#include "engine/core/change_board.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

// Below the minute after which proxies cut what is silent.
constexpr std::chrono::seconds kLongestWait{25};
constexpr int kReconnectMs = 1'000;  // also the least time between two looks of a page

HttpResponse events(const std::string& mark, bool changed) {
  std::string text = "retry: " + std::to_string(kReconnectMs) + "\nid: " + mark + "\n";
  if (changed) text += "event: changed\ndata: cases\n";
  text += "\n";
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.body.assign(text.begin(), text.end());
  return response;
}

}  // namespace

Result<HttpResponse> watch_changes(Call& call) {
  ChangeBoard& board = call.service.changes();
  const auto topics = topics_of(call.actor);
  const std::string seen(call.request.header("last-event-id"));
  const auto answer = [&board, topics, seen] {
    const std::string mark = board.mark(topics);
    return events(mark, !seen.empty() && mark != seen);
  };
  // Who has seen nothing yet has just loaded his page.
  if (seen.empty()) return answer();
  HttpResponse response;
  response.late = std::make_shared<LateAnswer>();
  response.late->at_most = kLongestWait;
  response.late->arrange = [&board, topics, seen](std::function<void()> ready) {
    const std::uint64_t waiter = board.wait(topics, seen, std::move(ready));
    return [&board, waiter] { board.forget(waiter); };
  };
  response.late->answer = answer;
  return response;
}

}  // namespace telavis
