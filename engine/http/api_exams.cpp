// SPDX-License-Identifier: Apache-2.0
// What a device sends in one request.
#include <boost/json.hpp>
#include <utility>

#include "engine/http/digest.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::string_view kRawType = "application/octet-stream";

Result<UploadedFile> file_in(const Call& call) {
  const std::string_view type = call.request.header("content-type");
  if (type.substr(0, type.find(';')) != kRawType) return parse_lone_file(type, call.request.body);
  return UploadedFile{{}, {}, call.request.body};
}

std::string taken_view(const TakenExam& exam, Language language) {
  namespace json = boost::json;
  json::value why = nullptr;
  if (exam.why) {
    why = json::object{{"code", error_name(exam.why->code)},
                       {"text", error_sentence(language, *exam.why)}};
  }
  return json::serialize(json::object{
      {"id", exam.id}, {"outcome", exam_taken_name(exam.outcome)}, {"why", std::move(why)}});
}

}  // namespace

Result<TakenExam> take_from_device(Call& call, UploadedFile file) {
  file.source = "https:" + call.device.id;
  return call.options.reception->door->take(call.device, file, {});
}

Result<HttpResponse> take_exam(Call& call) {
  for (const char* name : {"repr-digest", "content-digest"}) {
    if (auto sound = check_digest_field(call.request.header(name), call.request.body); !sound) {
      call.service.audit_refusal("device:" + call.device.id, "takeExam", sound.error());
      return tl::unexpected(sound.error());
    }
  }
  auto file = file_in(call);
  if (!file) {
    call.service.audit_refusal("device:" + call.device.id, "takeExam", file.error());
    return tl::unexpected(file.error());
  }
  const auto slot = call.options.reception->slots->take();
  const auto taken = take_from_device(call, std::move(*file));
  if (!taken) return tl::unexpected(taken.error());
  return json_response(taken_view(*taken, call.language));
}

}  // namespace telavis
