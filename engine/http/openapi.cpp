// SPDX-License-Identifier: Apache-2.0
#include "engine/http/openapi.h"

#include <boost/json.hpp>
#include <utility>

#include "engine/http/session_cookie.h"
#include "formats/text.h"

namespace telavis {
namespace {

namespace json = boost::json;

json::object reference(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

json::object parameter(std::string_view name, std::string_view where, bool required) {
  json::object schema{{"type", name == "n" ? "integer" : "string"}};
  if (name == "id") schema["pattern"] = "^[0-9a-z]{26}$";
  if (name == "upload") schema["pattern"] = "^[0-9a-z]{26}$";
  if (name == "session") schema["pattern"] = "^[0-9a-f]{16}$";
  if (name == "mail") schema["pattern"] = "^[0-9a-f]{32}$";
  if (name == "key" || name == "programme") schema["pattern"] = "^[0-9a-z._-]{1,64}$";
  if (name == "study" || name == "series" || name == "instance")
    schema["pattern"] = "^[0-9.]{1,64}$";
  if (name == "limit" || name == "offset") schema["type"] = "integer";
  if (name == "from" || name == "to") schema["format"] = "date";
  if (name == "size") schema["enum"] = json::array{"preview", "full"};
  if (name == "incomplete") schema["enum"] = json::array{"keep"};
  if (name == "Idempotency-Key") {
    schema["minLength"] = 1;
    schema["maxLength"] = 200;
  }
  return {{"name", name}, {"in", where}, {"required", required}, {"schema", std::move(schema)}};
}

json::array parameters_of(const Route& route) {
  json::array out;
  std::string_view rest = route.path;
  for (auto begin = rest.find('{'); begin != std::string_view::npos; begin = rest.find('{')) {
    rest.remove_prefix(begin + 1);
    out.push_back(parameter(rest.substr(0, rest.find('}')), "path", true));
  }
  for (const std::string_view name : route.query) out.push_back(parameter(name, "query", false));
  if (route.is_command) out.push_back(parameter("Idempotency-Key", "header", true));
  return out;
}

json::object content(std::string_view type, std::string_view schema) {
  json::object body;
  body["schema"] = schema.empty() ? json::object() : reference(schema);
  return {{type, std::move(body)}};
}

json::object responses_of(const Route& route) {
  json::object success{{"description", route.summary}};
  if (route.success != 204 && !route.tus) {
    success["content"] = content(route.response_type, route.response_schema);
  }
  if (route.is_command) {
    success["headers"] = json::object{
        {"Idempotency-Replayed", json::object{{"schema", json::object{{"const", "true"}}}}}};
  }
  json::object refusal{{"description", "Refused or failed; the code says why."},
                       {"content", content("application/json", "Error")}};
  return {{std::to_string(route.success), std::move(success)}, {"default", std::move(refusal)}};
}

/// The JSON of a command, and the form in which files come with it.
json::object request_body(const Route& route) {
  if (route.tus)
    return {{"required", true}, {"content", content("application/offset+octet-stream", "")}};
  if (route.lone_file) {
    json::object types = content("application/octet-stream", "");
    const json::object file{{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
    types["multipart/form-data"] =
        json::object{{"schema", json::object{{"type", "object"},
                                             {"required", json::array{"file"}},
                                             {"properties", json::object{{"file", file}}}}}};
    return {{"required", true}, {"content", std::move(types)}};
  }
  if (!route.request_type.empty())
    return {{"required", true}, {"content", content(route.request_type, "")}};
  json::object types = content("application/json", route.request_schema);
  if (route.takes_files) {
    const json::object file{{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
    const json::object files{
        {"type", "array"}, {"minItems", 0}, {"maxItems", kMaxUploadFiles}, {"items", file}};
    const json::object form{
        {"type", "object"},
        {"required", json::array{"request"}},
        {"properties",
         json::object{
             {"request", reference(route.request_schema)},
             {"file", files},
             {"upload", json::object{{"type", "array"},
                                     {"items", json::object{{"type", "string"}}},
                                     {"description",
                                      "Ids of files that came in pieces (beginOwnUpload), among "
                                      "the files in the order of the parts."}}}}}};
    types["multipart/form-data"] = json::object{{"schema", form}};
  }
  return {{"required", true}, {"content", std::move(types)}};
}

json::object operation_of(const Route& route) {
  json::object out{{"operationId", route.operation},
                   {"summary", route.summary},
                   {"parameters", parameters_of(route)},
                   {"responses", responses_of(route)}};
  const bool has_body = !route.request_schema.empty() || !route.request_type.empty() ||
                        route.lone_file || (route.tus && route.max_body_bytes > 0);
  if (has_body) out["requestBody"] = request_body(route);
  json::array roles;
  for (const Role role : route.roles) roles.emplace_back(role_name(role));
  if (!roles.empty()) out["x-roles"] = std::move(roles);
  if (route.audience == Audience::users) {
    out["security"] = json::array{json::object{{"session", json::array()}}};
  }
  if (route.audience == Audience::devices) {
    out["security"] = json::array{json::object{{"device", json::array()}}};
  }
  return out;
}

json::value all_schemas() {
  json::value schemas = json::parse(openapi_schemas());
  for (const auto part : {openapi_registry_schemas(), openapi_access_schemas(),
                          openapi_association_schemas(), openapi_desk_schemas()}) {
    const json::value more = json::parse(part);
    for (const auto& [name, schema] : more.as_object()) schemas.as_object()[name] = schema;
  }
  return schemas;
}

}  // namespace

std::string openapi_json(const std::vector<Route>& table) {
  json::object paths;
  for (const Route& route : table) {
    json::object& path = paths[route.path].is_object() ? paths[route.path].get_object()
                                                       : paths[route.path].emplace_object();
    path[lowered(route.method)] = operation_of(route);
  }
  const json::object session{{"type", "apiKey"}, {"in", "cookie"}, {"name", kSessionCookie}};
  const json::object device{{"type", "http"},
                            {"scheme", "bearer"},
                            {"description", "The token that a pairing code was exchanged for."}};
  return json::serialize(json::object{
      {"openapi", "3.1.0"},
      {"info", json::object{{"title", "Telavis"},
                            {"version", "1"},
                            {"license",
                             json::object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"paths", std::move(paths)},
      {"components",
       json::object{{"schemas", all_schemas()},
                    {"securitySchemes", json::object{{"session", session}, {"device", device}}}}}});
}

}  // namespace telavis
