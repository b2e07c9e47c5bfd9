// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/http/route.h"

namespace telavis {

/// The OpenAPI 3.1 document of a route table.
std::string openapi_json(const std::vector<Route>& table);

/// components.schemas, as JSON: the shapes that case_views.h writes and the handlers read.
std::string_view openapi_schemas();
/// The same of what an association keeps on file (registry_views.h).
std::string_view openapi_registry_schemas();
/// The same of an association's figures and previews (association_views.h).
std::string_view openapi_association_schemas();
/// The same of what a doctor has of his own (api_desk.cpp).
std::string_view openapi_desk_schemas();
/// The same of coming in (access_views.h).
std::string_view openapi_access_schemas();

}  // namespace telavis
