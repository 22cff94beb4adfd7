// SPDX-License-Identifier: Apache-2.0
#include "daemon/json_fields.hpp"

#include "daemon/api_failure.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t longest_pair_text = 4096;
const json::object no_fields;

}  // namespace

json::value parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = max_json_depth;
    json::stream_parser parser(json::storage_ptr(), options);
    boost::system::error_code code;
    parser.write(text.data(), text.size(), code);
    if (!code) parser.finish(code);
    if (code)
        throw api_failure(api_errc::bad_request, "read the request: the body is not JSON (" + code.message() + ")");
    return parser.release();
}

json_fields::json_fields(const json::value& from, std::string what) : object_(&no_fields), what_(std::move(what)) {
    if (from.is_null()) return;
    if (!from.is_object()) throw api_failure(api_errc::bad_request, what_ + ": the body is not a JSON object");
    object_ = &from.get_object();
}

void json_fields::refuse(std::string_view name, std::string_view reason) const {
    throw api_failure(api_errc::bad_request, what_ + ": \"" + std::string(name) + "\" " + std::string(reason));
}

const json::value* json_fields::any(std::string_view name) const {
    const auto* found = object_->if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> json_fields::text(std::string_view name, std::size_t longest) const {
    const auto* found = any(name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) refuse(name, "is not a string");
    const auto& value = found->get_string();
    if (value.size() > longest) refuse(name, "is longer than " + std::to_string(longest) + " bytes");
    for (const char c : value)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) refuse(name, "holds a control character");
    return std::string(value);
}

std::string json_fields::required_text(std::string_view name, std::size_t longest) const {
    auto value = text(name, longest);
    if (!value || value->empty()) refuse(name, "is missing");
    return std::move(*value);
}

bool json_fields::flag(std::string_view name) const {
    const auto* found = any(name);
    if (found == nullptr) return false;
    if (!found->is_bool()) refuse(name, "is neither true nor false");
    return found->get_bool();
}

std::optional<std::int64_t> json_fields::number(std::string_view name, std::int64_t low, std::int64_t high) const {
    const auto* found = any(name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_int64() || found->get_int64() < low || found->get_int64() > high)
        refuse(name, "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return found->get_int64();
}

std::vector<std::string> json_fields::texts(std::string_view name, std::size_t most) const {
    const auto* found = any(name);
    if (found == nullptr) return {};
    if (!found->is_array()) refuse(name, "is not an array");
    if (found->get_array().size() > most) refuse(name, "has more than " + std::to_string(most) + " items");
    std::vector<std::string> all;
    for (const auto& item : found->get_array()) {
        if (!item.is_string()) refuse(name, "holds something that is not a string");
        all.emplace_back(item.get_string());
    }
    return all;
}

std::vector<std::pair<std::string, std::string>> json_fields::pairs(std::string_view name, std::size_t most) const {
    const auto* found = any(name);
    std::vector<std::pair<std::string, std::string>> all;
    if (found == nullptr) return all;
    if (const auto* fields = found->if_object()) {
        for (const auto& field : *fields)
            all.emplace_back(std::string(field.key()),
                             json_fields(*found, what_ + " \"" + std::string(name) + "\"")
                                 .text(field.key(), longest_pair_text)
                                 .value_or(""));
    } else if (const auto* items = found->if_array()) {
        for (const auto& item : *items) {
            const json_fields pair(item, what_ + " \"" + std::string(name) + "\"");
            all.emplace_back(pair.required_text("key", longest_pair_text),
                             pair.text("value", longest_pair_text).value_or(""));
        }
    } else {
        refuse(name, "is neither an object nor an array");
    }
    if (all.size() > most) refuse(name, "has more than " + std::to_string(most) + " items");
    return all;
}

}  // namespace persiscsi::daemon
