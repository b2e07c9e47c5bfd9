// SPDX-License-Identifier: Apache-2.0
// The routes of devices that send over HTTPS, and of uploads in pieces.
#include <array>

#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::size_t kCodeJson = 1024;  // a pairing code

Route upload_route(std::string_view method, Result<HttpResponse> (*handler)(Call&),
                   std::string_view operation, std::string_view summary, int success) {
  return {.method = method,
          .path = "/api/v1/exams/uploads/{upload}",
          .audience = Audience::devices,
          .tus = true,
          .handler = handler,
          .operation = operation,
          .summary = summary,
          .success = success};
}

Route of_all_uploads(Route route) {
  route.path = kUploadsPath;
  return route;
}

/// The same protocol for a requester's own files: what a part `upload` of a question names.
std::vector<Route> own_upload_routes(const std::vector<Route>& of_devices) {
  constexpr std::array<std::string_view, 5> kOperations = {"showOwnUploadOptions", "beginOwnUpload",
                                                           "showOwnUpload", "continueOwnUpload",
                                                           "endOwnUpload"};
  constexpr std::array<std::string_view, 5> kSummaries = {
      "What of tus 1.0 is spoken here.",
      "Begins a resumable upload (tus 1.0) of a file that a question will name in a part `upload`. "
      "Nothing is made of it alone; it is gone after a day.",
      "How much of it has arrived.",
      "The next piece, at most 8 MiB, durable before it is answered.",
      "Gives it up, or has no more use for it."};
  std::vector<Route> all = of_devices;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Route& route = all[i];
    route.path = route.path == kUploadsPath ? kOwnUploadsPath : "/api/v1/uploads/{upload}";
    if (route.audience == Audience::devices) {
      route.audience = Audience::users;
      route.roles = {Role::requester};
    }
    route.operation = kOperations.at(i);
    route.summary = kSummaries.at(i);
  }
  return all;
}

}  // namespace

std::vector<Route> device_routes() {
  const Route pair{.method = "POST",
                   .path = "/api/v1/pair",
                   .audience = Audience::anyone,
                   .max_body_bytes = kCodeJson,
                   .handler = redeem_pairing_code,
                   .operation = "redeemPairingCode",
                   .summary =
                       "Exchanges a pairing code, once, for the device's token; the token "
                       "of before ends. 10 wrong codes in 15 minutes from one address are "
                       "too many.",
                   .request_schema = "Pairing",
                   .response_schema = "PairedDevice"};
  const Route exam{.method = "POST",
                   .path = "/api/v1/exams",
                   .audience = Audience::devices,
                   .max_body_bytes = kMaxUploadBytes,
                   .lone_file = true,
                   .handler = take_exam,
                   .operation = "takeExam",
                   .summary =
                       "An exam for the tray of the device's holder, durable before it is "
                       "answered. A Repr-Digest or Content-Digest (RFC 9530, sha-256) is "
                       "checked.",
                   .response_schema = "TakenExam"};
  Route options = of_all_uploads(upload_route("OPTIONS", show_upload_options, "showUploadOptions",
                                              "What of tus 1.0 is spoken here.", 204));
  options.audience = Audience::anyone;
  const Route begin = of_all_uploads(
      upload_route("POST", begin_upload, "beginUpload",
                   "Begins a resumable upload (tus 1.0): Upload-Length; Upload-Metadata may have "
                   "filename and sha256. It is to be ended within a day.",
                   201));
  Route piece = upload_route("PATCH", continue_upload, "continueUpload",
                             "The next piece, at most 8 MiB, durable before it is answered; the "
                             "last one's answer says what became of the exam (Telavis-Outcome).",
                             204);
  piece.max_body_bytes = kMaxPieceBytes;
  const std::vector<Route> uploads = {
      options, begin,
      upload_route("HEAD", show_upload, "showUpload", "How much of it has arrived.", 200), piece,
      upload_route("DELETE", end_upload, "endUpload", "Gives it up.", 204)};
  std::vector<Route> all = {pair, exam};
  for (const auto& part : {uploads, own_upload_routes(uploads)}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace telavis
