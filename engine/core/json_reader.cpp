// SPDX-License-Identifier: Apache-2.0
#include "engine/core/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

namespace telavis {

namespace json = boost::json;

struct JsonReader::State {
  json::value root;
  std::optional<Error> error;
};

struct JsonReader::Node {
  const json::object* object = nullptr;
  std::string path;
  std::set<std::string, std::less<>> known;

  const json::value* find(std::string_view name) {
    known.insert(std::string(name));
    if (object == nullptr) return nullptr;
    const json::value* value = object->if_contains(name);
    return value != nullptr && value->is_null() ? nullptr : value;
  }
};

namespace {

constexpr std::size_t kMaxNesting = 16;    // our own documents nest three deep
constexpr std::size_t kMaxArray = 10'000;  // members of one list

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
  });
}

}  // namespace

JsonReader::JsonReader(std::string_view text, Comments comments)
    : state_(std::make_shared<State>()), node_(std::make_unique<Node>()) {
  json::parse_options options;
  options.max_depth = kMaxNesting;
  options.allow_comments = comments == Comments::allowed;
  options.allow_trailing_commas = comments == Comments::allowed;
  boost::system::error_code failed;
  state_->root = json::parse(text, failed, {}, options);
  if (failed || !state_->root.is_object()) {
    state_->error = Error{ErrorCode::malformed_request,
                          "Send one JSON object (UTF-8): this text could not be read as one."};
    return;
  }
  node_->object = &state_->root.get_object();
}

JsonReader::JsonReader(std::shared_ptr<State> state, std::unique_ptr<Node> node)
    : state_(std::move(state)), node_(std::move(node)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

std::string JsonReader::path(std::string_view name) const {
  return node_->path.empty() ? std::string(name) : node_->path + "." + std::string(name);
}

void JsonReader::refuse(Error error) {
  if (!state_->error) state_->error = std::move(error);
}

void JsonReader::wrong(std::string_view name, std::string_view what) {
  refuse({ErrorCode::invalid_field, "'" + path(name) + "' " + std::string(what) + "."});
}

void JsonReader::missing(std::string_view name) {
  refuse({ErrorCode::missing_field, "'" + path(name) + "' is missing: fill it in."});
}

std::string JsonReader::optional_text(std::string_view name, std::size_t max_bytes) {
  const json::value* value = node_->find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    wrong(name, "must be a text");
    return {};
  }
  std::string text(value->get_string());
  if (text.size() > max_bytes) {
    wrong(name, "is too long: at most " + std::to_string(max_bytes) + " bytes");
    return {};
  }
  if (!is_clean(text)) {
    wrong(name, "holds control characters: take them out");
    return {};
  }
  return text;
}

std::string JsonReader::text(std::string_view name, std::size_t max_bytes) {
  std::string text = optional_text(name, max_bytes);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) missing(name);
  return text;
}

std::string JsonReader::choice(std::string_view name,
                               const std::vector<std::string_view>& allowed) {
  constexpr std::size_t kMaxShownCode = 64;
  std::string text = this->text(name, kMaxShownCode);
  if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    std::string list;
    for (const std::string_view word : allowed) {
      list += (list.empty() ? "" : ", ") + std::string(word);
    }
    wrong(name, "must be one of: " + list);
  }
  return text;
}

std::int64_t JsonReader::number(std::string_view name, std::int64_t least, std::int64_t most) {
  const json::value* value = node_->find(name);
  if (value == nullptr) {
    missing(name);
    return least;
  }
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
    wrong(name,
          "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }
  return value->get_int64();
}

double JsonReader::decimal(std::string_view name, double when_absent, double least, double most) {
  const json::value* value = node_->find(name);
  if (value == nullptr) return when_absent;
  const double given = value->is_number() ? value->to_number<double>() : least - 1;
  if (given >= least && given <= most) return given;
  wrong(name, fmt::format("must be a number from {} to {}", least, most));
  return when_absent;
}

bool JsonReader::boolean(std::string_view name, bool when_absent) {
  const json::value* value = node_->find(name);
  if (value == nullptr) return when_absent;
  if (!value->is_bool()) wrong(name, "must be true or false");
  return value->is_bool() ? value->get_bool() : when_absent;
}

std::vector<std::string> JsonReader::texts(std::string_view name, std::size_t max_bytes) {
  const json::value* value = node_->find(name);
  if (value == nullptr) {
    missing(name);
    return {};
  }
  std::vector<std::string> out;
  const bool is_list = value->is_array() && value->get_array().size() <= kMaxArray;
  for (const json::value& item : is_list ? value->get_array() : json::array()) {
    if (item.is_string() && item.get_string().size() <= max_bytes && is_clean(item.get_string())) {
      out.emplace_back(item.get_string());
    }
  }
  if (!is_list || out.size() != value->get_array().size()) wrong(name, "must be a list of texts");
  return out;
}

std::vector<std::int64_t> JsonReader::numbers(std::string_view name, std::int64_t least,
                                              std::int64_t most) {
  const json::value* value = node_->find(name);
  if (value == nullptr) {
    missing(name);
    return {};
  }
  std::vector<std::int64_t> out;
  const bool is_list = value->is_array() && value->get_array().size() <= kMaxArray;
  for (const json::value& item : is_list ? value->get_array() : json::array()) {
    if (item.is_int64() && item.get_int64() >= least && item.get_int64() <= most) {
      out.push_back(item.get_int64());
    }
  }
  if (!is_list || out.size() != value->get_array().size()) {
    wrong(name, "must be a list of whole numbers from " + std::to_string(least) + " to " +
                    std::to_string(most));
  }
  return out;
}

std::vector<std::string> JsonReader::names() const {
  std::vector<std::string> out;
  if (node_->object == nullptr) return out;
  for (const auto& member : *node_->object) out.emplace_back(member.key());
  return out;
}

bool JsonReader::has(std::string_view name) const {
  return node_->find(name) != nullptr;
}

bool JsonReader::is_object(std::string_view name) const {
  return has(name) && node_->object->at(name).is_object();
}

std::optional<JsonReader> JsonReader::object(std::string_view name, bool mandatory) {
  const json::value* value = node_->find(name);
  if (value == nullptr) {
    if (mandatory) missing(name);
    return std::nullopt;
  }
  if (!value->is_object()) {
    wrong(name, "must be an object");
    return std::nullopt;
  }
  auto node = std::make_unique<Node>();
  node->object = &value->get_object();
  node->path = path(name);
  return JsonReader(state_, std::move(node));
}

std::vector<JsonReader> JsonReader::objects(std::string_view name) {
  const json::value* value = node_->find(name);
  if (value == nullptr) {
    missing(name);
    return {};
  }
  if (!value->is_array() || value->get_array().size() > kMaxArray) {
    wrong(name, "must be a list of objects");
    return {};
  }
  std::vector<JsonReader> out;
  for (const json::value& item : value->get_array()) {
    auto node = std::make_unique<Node>();
    node->path = path(name) + "[" + std::to_string(out.size()) + "]";
    if (item.is_object()) {
      node->object = &item.get_object();
    } else {
      wrong(name, "must be a list of objects");
    }
    out.push_back(JsonReader(state_, std::move(node)));
  }
  return out;
}

Result<void> JsonReader::finish() {
  if (node_->object != nullptr) {
    for (const auto& member : *node_->object) {
      if (!node_->known.contains(std::string_view(member.key()))) {
        wrong(std::string_view(member.key()), "is not a member that is known here");
      }
    }
  }
  if (state_->error) return tl::unexpected(*state_->error);
  return {};
}

}  // namespace telavis
