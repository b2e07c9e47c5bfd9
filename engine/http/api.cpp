// SPDX-License-Identifier: Apache-2.0
#include "engine/http/api.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "devices/dicom_command.h"
#include "engine/http/case_views.h"
#include "engine/http/error_status.h"
#include "engine/http/http_date.h"
#include "engine/http/route.h"
#include "engine/http/session_cookie.h"
#include "engine/http/static_files.h"
#include "formats/text.h"

namespace telavis {
namespace {

constexpr std::size_t kCaseIdLength = 26;  // base32 of 128 bits
constexpr std::size_t kMaxExamDigits = 2;  // at most kMaxUploadFiles exams

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool is_case_id(std::string_view text) {
  return text.size() == kCaseIdLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

std::optional<std::size_t> parse_exam_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || text.size() > kMaxExamDigits) return std::nullopt;
  return number;
}

bool same_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

/// A browser tells where the page comes from that makes it send a request. SameSite=Strict keeps
/// the cookie away from others already; this also covers the login itself.
bool comes_from_elsewhere(const HttpRequest& request) {
  // Fetch Metadata, "Sec-Fetch-Site": said by the browser, and by no script.
  const auto site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  const auto origin = request.header("origin");
  if (origin.empty()) return false;  // not a browser
  constexpr std::string_view kScheme = "https://";
  return !origin.starts_with(kScheme) ||
         !same_ignoring_case(origin.substr(kScheme.size()), request.header("host"));
}

/// For how long nobody has touched the page that asks, when it says so.
std::optional<Duration> idle_in(const HttpRequest& request) {
  const std::string_view text = request.header("telavis-idle-seconds");
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && !text.empty() && end == text.data() + text.size();
  if (!whole) return std::nullopt;
  return std::chrono::seconds(seconds);
}

/// Every method that a route takes, with HEAD where a GET is only looked at.
bool takes(const Route& route, std::string_view method) {
  return route.method == method ||
         (method == "HEAD" && route.method == "GET" && !route.reading_acts);
}

/// tus 1.0, "X-HTTP-Method-Override": for clients that can send POST alone.
std::string_view method_of(const HttpRequest& request) {
  const auto other = request.header("x-http-method-override");
  const bool may = request.method == "POST" && request.path.starts_with(kUploadsPath) &&
                   (other == "PATCH" || other == "DELETE");
  return may ? other : std::string_view(request.method);
}

struct Found {
  const Route* route = nullptr;  // null: no route of this path and method
  PathParameters parameters;
  std::string allow;  // methods of this path; empty when there is no such path
};

Found find_route(const HttpRequest& request) {
  Found found;
  const auto allow = [&](std::string_view method) {
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += method;
  };
  for (const Route& route : routes()) {
    auto parameters = match_path(route.path, request.path);
    if (!parameters) continue;
    if (takes(route, method_of(request))) {
      found.route = &route;
      found.parameters = std::move(*parameters);
      return found;
    }
    allow(route.method);
    if (takes(route, "HEAD")) allow("HEAD");
  }
  return found;
}

tl::unexpected<Error> wrong_method() {
  return fail(ErrorCode::method_not_allowed,
              "This path does not take this method; the Allow header says which it takes.");
}

Language language_of(const HttpRequest& request) {
  return language_from_header(request.header("accept-language"));
}

}  // namespace

Reader Call::reader() const {
  return {service, actor, language};
}

std::optional<PathParameters> match_path(std::string_view path_template, std::string_view path) {
  PathParameters parameters;
  while (path_template.starts_with('/') && path.starts_with('/')) {
    const auto wanted = take_segment(path_template);
    const auto segment = take_segment(path);
    if (wanted == "{id}") {
      if (!is_case_id(segment)) return std::nullopt;
      parameters.case_id = CaseId(std::string(segment));
    } else if (wanted == "{n}") {
      const auto number = parse_exam_number(segment);
      if (!number) return std::nullopt;
      parameters.exam = *number;
    } else if (wanted == "{study}" || wanted == "{series}" || wanted == "{instance}") {
      if (!is_uid_text(segment)) return std::nullopt;
      parameters.uids.emplace_back(segment);
    } else if (wanted.starts_with('{')) {
      if (!is_record_id(segment)) return std::nullopt;
      parameters.record = segment;
    } else if (wanted != segment) {
      return std::nullopt;
    }
  }
  if (!path_template.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

HttpResponse json_response(std::string_view text, int status) {
  HttpResponse response;
  response.status = status;
  const auto bytes = as_bytes(text);
  response.body.assign(bytes.begin(), bytes.end());
  return response;
}

HttpResponse refusal_with_status(const Call& call, int status, const Error& error) {
  call.options.failed(error);
  HttpResponse response = error_response(error, call.language);
  response.status = status;
  return response;
}

HttpResponse file_response(Bytes bytes, std::string_view media_type,
                           const std::string& disposition) {
  HttpResponse response;
  response.content_type = media_type;
  response.body = std::move(bytes);
  if (!disposition.empty()) response.headers.emplace_back("Content-Disposition", disposition);
  return response;
}

class Api::Impl {
 public:
  Impl(Service& service, Registry& registry, AccessDesk& access, ApiOptions options)
      : service_(service),
        registry_(registry),
        access_(access),
        options_(std::move(options)),
        pages_(options_.static_files) {}

  HttpResponse handle(const HttpRequest& request) {
    const auto start = std::chrono::steady_clock::now();
    const Found found = find_route(request);
    std::string_view label = found.route != nullptr ? found.route->path : "none";
    HttpResponse response;
    if (found.route != nullptr) {
      response = run(*found.route, found.parameters, request);
    } else if (!found.allow.empty()) {
      response = not_allowed(request, found.allow);
    } else if (is_page(request.path)) {
      label = "static";
      response = page(request);
    } else {
      response = error_response(no_such_path(), language_of(request));
    }
    // RFC 9110, 6.6.1. Pages count the hours left by the engine's clock, not by the workstation's.
    response.headers.emplace_back("Date", http_date(service_.clock().now()));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    metrics_.record(request.method, label, response.status, taken.count());
    return response;
  }

  Result<std::size_t> body_limit(const HttpRequest& header) {
    const Found found = find_route(header);
    if (found.route == nullptr) {
      if (!found.allow.empty()) return wrong_method();
      return tl::unexpected(no_such_path());
    }
    Call call = make_call(header);
    if (const auto admitted = admit(*found.route, call); !admitted) {
      options_.failed(admitted.error());
      return tl::unexpected(admitted.error());
    }
    const std::size_t limit = found.route->max_body_bytes;
    const std::string actor =
        call.device.id.empty() ? call.actor.id.value : "device:" + call.device.id;
    // The server cuts any body at the limit; one that announces its size is refused, and audited,
    // before a byte of it is read.
    const std::string_view announced = header.header("content-length");
    std::uint64_t length = 0;
    const auto read =
        std::from_chars(announced.data(), announced.data() + announced.size(), length);
    if (read.ec == std::errc() && length > limit) {
      const Error error{ErrorCode::body_too_large, "This request may have at most " +
                                                       std::to_string(limit) +
                                                       " bytes. Send fewer or smaller files."};
      service_.audit_refusal(actor, found.route->operation, error);
      return tl::unexpected(error);
    }
    return limit;
  }

 private:
  static bool is_page(std::string_view path) {
    const auto under = [&](std::string_view root) {
      return path == root || (path.starts_with(root) && path[root.size()] == '/');
    };
    return !under("/api") && !under(kDicomWebPath);
  }
  static Error no_such_path() {
    return {ErrorCode::not_found, "There is nothing at this path. See /api/v1/openapi.json."};
  }

  Call make_call(const HttpRequest& request) {
    return Call{.service = service_,
                .registry = registry_,
                .options = options_,
                .access = access_,
                .metrics = metrics_,
                .request = request,
                .language = language_of(request),
                .session = session_in(request.header("cookie"))};
  }

  /// Whether this request may use this route at all; fills `call.actor`.
  Result<void> admit(const Route& route, Call& call) {
    const bool only_reads = route.method == "GET";
    if (!only_reads && comes_from_elsewhere(call.request)) {
      return fail(ErrorCode::forbidden, "This request comes from a page of another site.");
    }
    switch (route.audience) {
      case Audience::anyone:
        return {};
      case Audience::operators:
        if (options_.metrics_for_all || is_loopback(call.request.peer)) return {};
        return fail(ErrorCode::forbidden, "This is answered on the server's own machine only.");
      case Audience::users:
        return admit_user(route, call);
      case Audience::devices:
        return admit_device(call);
    }
    return fail(ErrorCode::forbidden, "This is not for you.");
  }

  Result<void> admit_user(const Route& route, Call& call) {
    auto visit = access_.visit(call.session, idle_in(call.request), !route.unattended);
    if (!visit) return tl::unexpected(visit.error());
    call.visit = std::move(*visit);
    call.actor = call.visit.user;
    // The one place that keeps a session whose second factor is missing from everything else.
    if (!route.half_open) {
      if (auto open = access_.require_open(call.visit, route.operation); !open) return open;
    }
    const bool has_role = route.roles.empty() ||
                          std::any_of(route.roles.begin(), route.roles.end(),
                                      [&](Role role) { return call.actor.has_anywhere(role); });
    if (has_role) return {};
    const Error error{ErrorCode::forbidden, "None of your roles may do this."};
    service_.audit_refusal(call.actor.id.value, route.operation, error);
    return tl::unexpected(error);
  }

  /// The door writes refusals down itself.
  Result<void> admit_device(Call& call) {
    if (!options_.reception) {
      return fail(ErrorCode::unavailable, "This engine takes nothing from devices.");
    }
    constexpr std::string_view kScheme = "bearer ";  // RFC 6750, 2.1
    const std::string_view header = call.request.header("authorization");
    if (header.size() <= kScheme.size() ||
        !same_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
      return fail(ErrorCode::login_required,
                  "Send the device's token: Authorization: Bearer <token>.");
    }
    auto device = options_.reception->door->admit(
        {DeviceProof::token, std::string(header.substr(kScheme.size())), {}, call.request.peer});
    if (!device) return tl::unexpected(device.error());
    call.device = std::move(*device);
    return {};
  }

  HttpResponse run(const Route& route, const PathParameters& parameters,
                   const HttpRequest& request) {
    Call call = make_call(request);
    call.case_id = parameters.case_id;
    call.exam = parameters.exam;
    call.uids = parameters.uids;
    call.record = parameters.record;
    Result<HttpResponse> response;
    if (const auto admitted = admit(route, call); !admitted) {
      response = tl::unexpected(admitted.error());
    } else if (route.tus && route.audience == Audience::users && !options_.reception) {
      response = fail(ErrorCode::unavailable, "This engine takes no uploads in pieces.");
    } else {
      response = route.handler(call);
    }
    if (response) {
      if (route.tus) add_tus_headers(*response, nullptr);
      return std::move(*response);
    }
    options_.failed(response.error());
    HttpResponse refusal = error_response(response.error(), call.language);
    if (route.tus) add_tus_headers(refusal, &response.error());
    return refusal;
  }

  static HttpResponse not_allowed(const HttpRequest& request, const std::string& allow) {
    HttpResponse response = error_response(wrong_method().value(), language_of(request));
    response.headers.emplace_back("Allow", allow);
    return response;
  }

  HttpResponse page(const HttpRequest& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
      return not_allowed(request, "GET, HEAD");
    }
    HttpResponse response = pages_.get(request);
    if (response.status == 404) return error_response(no_such_path(), language_of(request));
    return response;
  }

  Service& service_;
  Registry& registry_;
  AccessDesk& access_;
  ApiOptions options_;
  StaticFiles pages_;
  HttpMetrics metrics_;
};

Api::Api(Service& service, Registry& registry, AccessDesk& access, ApiOptions options)
    : impl_(std::make_unique<Impl>(service, registry, access, std::move(options))) {}
Api::~Api() = default;

HttpResponse Api::handle(const HttpRequest& request) {
  return impl_->handle(request);
}
Result<std::size_t> Api::body_limit(const HttpRequest& header) {
  return impl_->body_limit(header);
}

HttpResponse Api::refuse(const HttpRequest& header, const Error& error) const {
  HttpResponse response = error_response(error, language_of(header));
  if (header.path.starts_with(kUploadsPath)) add_tus_headers(response, &error);
  return response;
}

}  // namespace telavis
