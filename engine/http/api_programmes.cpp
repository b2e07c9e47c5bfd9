// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "engine/core/letters.h"
#include "engine/http/route.h"

namespace telavis {

Result<HttpResponse> list_programmes(Call& call) {
  const auto text = programmes_json(call.reader());
  if (!text) return tl::unexpected(text.error());
  return json_response(*text);
}

Result<HttpResponse> download_notice(Call& call) {
  const auto programme = call.service.repository().programme(ProgrammeId(call.record));
  if (!programme) return tl::unexpected(programme.error());
  if (!*programme) {
    return fail(ErrorCode::not_found,
                "There is no such programme: ask for the list at /api/v1/programmes.");
  }
  auto pdf = patient_notice_pdf(**programme, call.options.declaration, call.language);
  if (!pdf) return tl::unexpected(pdf.error());
  return file_response(
      std::move(*pdf), "application/pdf",
      "inline; filename=\"" + call.record + "_" + std::string(kNoticeVersion) + ".pdf\"");
}

}  // namespace telavis
