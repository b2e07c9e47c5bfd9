// SPDX-License-Identifier: Apache-2.0
// The routes of DICOMweb (PS3.18 chapter 10).
#include "devices/http_upload.h"
#include "engine/http/route.h"

namespace telavis {
namespace {

constexpr std::string_view kJson = "application/dicom+json";
constexpr std::string_view kMultipart = "multipart/related";

Route storing(std::string_view path, std::string_view operation, std::string_view summary) {
  return {.method = "POST",
          .path = path,
          .audience = Audience::devices,
          .max_body_bytes = kMaxUploadBytes,
          .handler = store_instances,
          .operation = operation,
          .summary = summary,
          .request_type = kMultipart,
          .response_type = kJson};
}

Route retrieval(std::string_view path, Result<HttpResponse> (*handler)(Call&),
                std::string_view operation, std::string_view summary, std::string_view type) {
  return {.method = "GET",
          .path = path,
          .roles = {Role::requester, Role::expert, Role::medical_referent},
          .reading_acts = true,
          .handler = handler,
          .operation = operation,
          .summary = summary,
          .response_type = type};
}

Route searching(std::string_view path, Result<HttpResponse> (*handler)(Call&),
                std::string_view operation, std::string_view summary) {
  Route route = retrieval(path, handler, operation, summary, kJson);
  route.query = {"includefield", "limit", "offset", "fuzzymatching"};
  return route;
}

}  // namespace

std::vector<Route> dicomweb_routes() {
  return {
      storing("/dicom-web/studies", "storeInstances",
              "STOW-RS: instances for the tray of the device's holder, each durable before it is "
              "said to be kept."),
      storing("/dicom-web/studies/{study}", "storeInstancesOfStudy",
              "The same; an instance of another study is refused."),
      searching(
          "/dicom-web/studies", search_studies, "searchStudies",
          "QIDO-RS: studies of the cases whose content he may read, and of his tray; keys are "
          "attributes by keyword or tag. Each case shown is written down."),
      searching("/dicom-web/series", search_series, "searchAllSeries", "The same, by series."),
      searching("/dicom-web/instances", search_instances, "searchAllInstances",
                "The same, by instance."),
      searching("/dicom-web/studies/{study}/series", search_series, "searchSeries",
                "The series of a study."),
      searching("/dicom-web/studies/{study}/instances", search_instances, "searchInstancesOfStudy",
                "The instances of a study."),
      searching("/dicom-web/studies/{study}/series/{series}/instances", search_instances,
                "searchInstances", "The instances of a series."),
      retrieval("/dicom-web/studies/{study}", retrieve_instances, "retrieveStudy",
                "WADO-RS: its instances; what did not come as DICOM is written as DICOM.",
                kMultipart),
      retrieval("/dicom-web/studies/{study}/series/{series}", retrieve_instances, "retrieveSeries",
                "Those of a series.", kMultipart),
      retrieval("/dicom-web/studies/{study}/series/{series}/instances/{instance}",
                retrieve_instances, "retrieveInstance", "One of them.", kMultipart),
      retrieval("/dicom-web/studies/{study}/metadata", retrieve_metadata, "retrieveStudyMetadata",
                "The same without long binary values.", kJson),
      retrieval("/dicom-web/studies/{study}/series/{series}/metadata", retrieve_metadata,
                "retrieveSeriesMetadata", "Those of a series.", kJson),
      retrieval("/dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata",
                retrieve_metadata, "retrieveInstanceMetadata", "Of one of them.", kJson),
      retrieval("/dicom-web/studies/{study}/series/{series}/instances/{instance}/rendered",
                retrieve_rendered, "retrieveRendered",
                "The photo, the tracing drawn on millimetre paper, or the PDF.", "image/jpeg"),
      retrieval("/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{n}",
                retrieve_frame, "retrieveFrame", "Frame `n`, from 1, as it is encoded.",
                kMultipart),
      retrieval("/dicom-web/studies/{study}/series/{series}/instances/{instance}/bulkdata/{path}",
                retrieve_bulk_data, "retrieveBulkData",
                "Bytes that the metadata name by their URI, little endian.", kMultipart),
  };
}

}  // namespace telavis
