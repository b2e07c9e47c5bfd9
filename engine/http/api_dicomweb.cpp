// SPDX-License-Identifier: Apache-2.0
// DICOMweb (PS3.18 chapter 10): storing for devices; searching and retrieving for doctors, over
// what they may read (engine/core/dicom_studies.h).
#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "devices/dicom_data.h"
#include "devices/stow_rs.h"
#include "engine/core/request_words.h"
#include "engine/http/dicomweb_query.h"
#include "engine/http/media_types.h"
#include "engine/http/route.h"
#include "engine/http/target.h"
#include "formats/dicom_model.h"
#include "formats/dicom_tags.h"
#include "formats/render.h"

namespace telavis {
namespace {

constexpr std::string_view kDicom = "application/dicom";
constexpr std::string_view kDicomJson = "application/dicom+json";
constexpr std::string_view kDicomXml = "application/dicom+xml";
constexpr std::string_view kOctets = "application/octet-stream";
constexpr int kNotAcceptable = 406, kTooLarge = 413, kWrongMediaType = 415;
constexpr int kRenderedDotsPerInch = 150;  // as large as a screen

/// A browser that draws a picture cannot set headers: the parameter says it too (PS3.18 8.3.3.1).
std::vector<MediaRange> accepted(const Call& call) {
  const auto asked = query_value(call.request.query, "accept");
  return accepted_types(asked ? std::string_view(*asked) : call.request.header("accept"));
}

HttpResponse not_acceptable(const Call& call, std::string_view known) {
  return refusal_with_status(
      call, kNotAcceptable,
      {ErrorCode::unsupported_conversion,
       "This is not offered in what Accept names, but as " + std::string(known) + "."});
}

/// Of this service, as the client reaches it; relative when what it names is no host.
std::string root_of(const Call& call) {
  const std::string_view host = call.request.header("host");
  const bool plain = !host.empty() && host.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789.-:[]") == std::string_view::npos;
  return (plain ? "https://" + std::string(host) : std::string()) + std::string(kDicomWebPath);
}

enum class Model { json, xml };

/// nullopt: the client takes neither.
std::optional<Model> model_of(const Call& call) {
  for (const MediaRange& range : accepted(call)) {
    if (range.includes(kDicomJson) || range.includes("application/json")) return Model::json;
    if (range.includes_parts(kDicomXml)) return Model::xml;
  }
  return std::nullopt;
}

HttpResponse json_list(const std::vector<std::string>& documents) {
  std::string text = "[";
  for (const std::string& one : documents) text += (text.size() > 1 ? "," : "") + one;
  HttpResponse response = json_response(text + "]");
  response.content_type = kDicomJson;
  return response;
}

HttpResponse xml_parts(const std::vector<std::string>& documents) {
  MultipartBody body;
  for (const std::string& one : documents) body.add(kDicomXml, as_bytes(one));
  return file_response(body.take(), MultipartBody::content_type(kDicomXml), "");
}

HttpResponse documents_response(Model model, const std::vector<std::string>& documents) {
  return model == Model::json ? json_list(documents) : xml_parts(documents);
}

Result<std::string> document_of(Model model, const DicomBuilder& made) {
  const auto read = read_dicom_data(made.encoded(), kExplicitLittle);
  if (!read) return tl::unexpected(read.error());
  return model == Model::json ? dicom_json(read->elements, {}) : dicom_xml(read->elements, {});
}

void warn(HttpResponse& response, const std::string& text) {
  response.headers.emplace_back("Warning", "299 telavis \"" + text + "\"");
}

/// The instances that the path names.
Result<std::vector<DicomInstance>> named(Call& call) {
  auto instances = call.service.studies().in_study(call.actor, call.uids.front());
  if (!instances) return instances;
  std::erase_if(*instances, [&](const DicomInstance& one) {
    return (call.uids.size() > 1 && one.heading.series != call.uids[1]) ||
           (call.uids.size() > 2 && one.heading.instance != call.uids[2]);
  });
  if (instances->empty())
    return fail(ErrorCode::not_found, "There is no such series or instance in this study.");
  return instances;
}

Result<DicomObject> named_one(Call& call) {
  const auto instances = named(call);
  if (!instances) return tl::unexpected(instances.error());
  auto objects = call.service.studies().open(call.actor, *instances);
  if (!objects) return tl::unexpected(objects.error());
  return std::move(objects->front());
}

Result<HttpResponse> search(Call& call, DicomLevel level) {
  auto wanted = parse_dicom_search(level, call.request.query);
  if (!wanted) return tl::unexpected(wanted.error());
  if (call.uids.size() > 1) wanted->keys.push_back({dicom_tag::kSeriesInstance, call.uids[1]});
  const auto model = model_of(call);
  if (!model) return not_acceptable(call, kDicomJson);
  DicomStudies& studies = call.service.studies();
  const auto instances =
      call.uids.empty() ? studies.own(call.actor) : studies.in_study(call.actor, call.uids.front());
  if (!instances) return tl::unexpected(instances.error());
  const DicomFound found = find_dicom(*wanted, *instances, root_of(call));
  if (auto noted = studies.shown(call.actor, found.shown); !noted)
    return tl::unexpected(noted.error());
  std::vector<std::string> documents;
  documents.reserve(found.results.size());
  for (const DicomBuilder& one : found.results) {
    auto document = document_of(*model, one);
    if (!document) return tl::unexpected(document.error());
    documents.push_back(std::move(*document));
  }
  HttpResponse response = documents_response(*model, documents);
  if (documents.empty()) {
    response = HttpResponse();
    response.status = 204;
  }
  for (const std::string& text : wanted->warnings) warn(response, text);
  if (found.more > 0) {
    warn(response,
         "There are " + std::to_string(found.more) + " additional results that can be requested.");
  }
  return response;
}

/// "image/jpeg; transfer-syntax=1.2..." (PS3.18 table 8.7.3-5).
std::string frame_type(const std::string& transfer_syntax) {
  const auto named_type = [&]() -> std::string_view {
    if (transfer_syntax == "1.2.840.10008.1.2.5") return "image/dicom-rle";
    if (transfer_syntax.starts_with("1.2.840.10008.1.2.4.8")) return "image/jls";
    return transfer_syntax.starts_with("1.2.840.10008.1.2.4.") ? "image/jpeg" : kOctets;
  };
  // Samples are given in little endian, whatever the file is.
  const bool compressed = named_type() != kOctets;
  return std::string(named_type()) +
         "; transfer-syntax=" + (compressed ? transfer_syntax : std::string(kExplicitLittle));
}

HttpResponse frames_response(const std::string& type, const std::vector<Bytes>& frames) {
  MultipartBody body;
  for (const Bytes& frame : frames) body.add(type, frame);
  return file_response(body.take(), MultipartBody::content_type(type.substr(0, type.find(';'))),
                       "");
}

bool takes_parts(const std::vector<MediaRange>& ranges) {
  return std::ranges::any_of(
      ranges, [](const MediaRange& range) { return range.includes("multipart/related"); });
}

/// The instance as it is stored suits the range: it names that transfer syntax, any, or none.
bool takes_syntax(const MediaRange& range, const DicomObject& object) {
  const auto syntax = range.type.parameter("transfer-syntax");
  return !syntax || *syntax == "*" || *syntax == object.heading.transfer_syntax;
}

}  // namespace

// ---- STOW-RS ------------------------------------------------------------------------------------

Result<HttpResponse> store_instances(Call& call) {
  const std::string actor = "device:" + call.device.id;
  const std::string_view type = call.request.header("content-type");
  if (!is_stow_type(type)) {
    const Error error{ErrorCode::malformed_request,
                      "Send multipart/related; type=\"application/dicom\"."};
    call.service.audit_refusal(actor, "storeInstances", error);
    return refusal_with_status(call, kWrongMediaType, error);
  }
  const auto instances = parse_stow(type, call.request.body);
  if (!instances) {
    call.service.audit_refusal(actor, "storeInstances", instances.error());
    if (instances.error().code == ErrorCode::limit_exceeded)
      return refusal_with_status(call, kTooLarge, instances.error());
    return tl::unexpected(instances.error());
  }
  std::optional<Model> model;
  for (const MediaRange& range : accepted(call)) {
    if (model) break;
    if (range.includes(kDicomJson) || range.includes("application/json"))
      model = Model::json;
    else if (range.includes(kDicomXml))
      model = Model::xml;
  }
  if (!model) return not_acceptable(call, kDicomJson);
  const std::string study = call.uids.empty() ? std::string() : call.uids.front();
  const auto stowed =
      stow({*call.options.reception->door, *call.options.reception->slots, call.device}, *instances,
           study);
  const std::string root = root_of(call);
  const auto document = document_of(*model, stow_answer(stowed, [&](const StowedInstance& one) {
    return one.study.empty() ? std::string() : root + "/studies/" + one.study;
  }));
  if (!document) return tl::unexpected(document.error());
  HttpResponse response = json_response(*document, stow_status(stowed));
  response.content_type = *model == Model::json ? kDicomJson : kDicomXml;
  return response;
}

// ---- QIDO-RS ------------------------------------------------------------------------------------

Result<HttpResponse> search_studies(Call& call) {
  return search(call, DicomLevel::study);
}
Result<HttpResponse> search_series(Call& call) {
  return search(call, DicomLevel::series);
}
Result<HttpResponse> search_instances(Call& call) {
  return search(call, DicomLevel::instance);
}

// ---- WADO-RS ------------------------------------------------------------------------------------

Result<HttpResponse> retrieve_instances(Call& call) {
  const auto instances = named(call);
  if (!instances) return tl::unexpected(instances.error());
  auto objects = call.service.studies().open(call.actor, *instances);
  if (!objects) return tl::unexpected(objects.error());
  for (const MediaRange& range : accepted(call)) {
    const bool suits = std::ranges::all_of(
        *objects, [&](const DicomObject& one) { return takes_syntax(range, one); });
    if (!suits) continue;
    if (range.includes_parts(kDicom)) {
      MultipartBody body;
      for (DicomObject& one : *objects) {
        body.add(std::string(kDicom) + "; transfer-syntax=" + one.heading.transfer_syntax,
                 one.file);
        one.file = Bytes();  // each is in memory once more at a time
      }
      return file_response(body.take(), MultipartBody::content_type(kDicom), "");
    }
    if (range.includes(kDicom) && call.uids.size() > 2)
      return file_response(std::move(objects->front().file), kDicom, "");
  }
  return not_acceptable(call, "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
}

Result<HttpResponse> retrieve_metadata(Call& call) {
  const auto model = model_of(call);
  if (!model) return not_acceptable(call, kDicomJson);
  const auto instances = named(call);
  if (!instances) return tl::unexpected(instances.error());
  const auto objects = call.service.studies().open(call.actor, *instances);
  if (!objects) return tl::unexpected(objects.error());
  const std::string root = root_of(call);
  std::vector<std::string> documents;
  std::size_t bytes = 0;
  for (const DicomObject& one : *objects) {
    const auto file = walk_dicom(one.file);
    if (!file) return tl::unexpected(file.error());
    const std::string place = dicom_url(root, one.heading, DicomLevel::instance) + "/bulkdata/";
    const BulkUri uri = [&](const DicomPath& path) { return std::optional(place + path); };
    documents.push_back(*model == Model::json ? dicom_json(file->dataset, uri)
                                              : dicom_xml(file->dataset, uri));
    bytes += documents.back().size();
    if (bytes > kMaxRetrievedBytes) {
      return fail(ErrorCode::limit_exceeded,
                  "These metadata are too much for one answer: ask for one instance.");
    }
  }
  return documents_response(*model, documents);
}

Result<HttpResponse> retrieve_rendered(Call& call) {
  auto object = named_one(call);
  if (!object) return tl::unexpected(object.error());
  NormalisedExam& exam = object->normalised;
  const bool is_document = std::holds_alternative<PdfDocument>(exam.exam);
  const std::string_view type = is_document ? "application/pdf" : "image/jpeg";
  const auto ranges = accepted(call);
  if (std::ranges::none_of(ranges, [&](const MediaRange& one) { return one.includes(type); }))
    return not_acceptable(call, type);
  if (const auto* recording = std::get_if<EcgRecording>(&exam.exam)) {
    auto drawn = render_ecg_jpeg(*recording, kRenderedDotsPerInch, render_labels(call.language));
    if (!drawn) return tl::unexpected(drawn.error());
    return file_response(std::move(*drawn), type, "");
  }
  return file_response(std::move(exam.document), type, is_document ? "inline" : "");
}

Result<HttpResponse> retrieve_frame(Call& call) {
  if (!takes_parts(accepted(call))) return not_acceptable(call, "multipart/related");
  const auto object = named_one(call);
  if (!object) return tl::unexpected(object.error());
  const auto file = walk_dicom(object->file);
  if (!file) return tl::unexpected(file.error());
  auto frames = dicom_frames(file->dataset);
  if (!frames) return tl::unexpected(frames.error());
  if (call.exam == 0 || call.exam > frames->size())
    return fail(ErrorCode::not_found, "This instance has no frame of that number; from 1 on.");
  return frames_response(frame_type(file->transfer_syntax), {std::move((*frames)[call.exam - 1])});
}

Result<HttpResponse> retrieve_bulk_data(Call& call) {
  const auto ranges = accepted(call);
  const bool alone =
      std::ranges::any_of(ranges, [](const MediaRange& one) { return one.includes(kOctets); });
  if (!alone && !takes_parts(ranges)) return not_acceptable(call, "multipart/related");
  const auto object = named_one(call);
  if (!object) return tl::unexpected(object.error());
  const auto file = walk_dicom(object->file);
  if (!file) return tl::unexpected(file.error());
  auto bytes = dicom_bulk_data(file->dataset, call.record);
  if (bytes) {
    if (!takes_parts(ranges)) return file_response(std::move(*bytes), kOctets, "");
    return frames_response(std::string(kOctets), {std::move(*bytes)});
  }
  constexpr std::string_view kPixels = "7fe00010";
  if (call.record != kPixels) return tl::unexpected(bytes.error());
  const auto frames = dicom_frames(file->dataset);
  if (!frames) return tl::unexpected(frames.error());
  return frames_response(frame_type(file->transfer_syntax), *frames);
}

}  // namespace telavis
