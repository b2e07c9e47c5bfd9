// SPDX-License-Identifier: Apache-2.0
// The routes of an association's staff: figures, load, previews. No patient appears in any.
#include "engine/http/route.h"

namespace telavis {

std::vector<Route> association_routes() {
  const std::vector<Role> figure_readers = {Role::coordinator, Role::treasurer, Role::admin};
  Route figures{.method = "GET",
                .path = "/api/v1/figures",
                .roles = figure_readers,
                .handler = show_figures,
                .operation = "showFigures",
                .summary =
                    "Activity of a period of local days, `from` and `to` included (otherwise "
                    "this year), of one programme or of all the user's; with `outside=yes` "
                    "as it may be published. docs/figures.md defines each figure.",
                .response_schema = "FiguresAnswer"};
  figures.query = {"programme", "from", "to", "outside"};
  Route table{.method = "GET",
              .path = "/api/v1/exports/figures",
              .roles = figure_readers,
              .handler = export_figures,
              .operation = "exportFigures",
              .summary =
                  "The same as it may be published, as `format` says: csv-fr, csv, xlsx or "
                  "pdf (PDF/A).",
              .response_type = "application/octet-stream"};
  table.query = {"programme", "from", "to", "format"};
  return {figures,
          table,
          {.method = "GET",
           .path = "/api/v1/experts",
           .roles = {Role::coordinator},
           .handler = list_expert_loads,
           .operation = "listExpertLoads",
           .summary = "Experts of the programmes that the user coordinates: how they are reached, "
                      "when they are there, what they have to do.",
           .response_schema = "ExpertLoadsAnswer"},
          {.method = "POST",
           .path = "/api/v1/admin/programmes/{key}/preview",
           .roles = {Role::admin, Role::coordinator},
           .max_body_bytes = kRecordJson,
           .handler = preview_programme,
           .operation = "previewProgramme",
           .summary = "What a case asked now would be promised and who would be asked, by the "
                      "settings on file and by those of the body. Nothing is stored.",
           .request_schema = "ProgrammePreviewQuestion",
           .response_schema = "ProgrammePreviewAnswer"}};
}

}  // namespace telavis
