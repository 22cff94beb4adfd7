// SPDX-License-Identifier: Apache-2.0
#include "cli/piped_ids.hpp"

#include "cli/command_error.hpp"
#include "cli/invocation.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_input = std::size_t{16} << 20;
constexpr std::string_view white_space = " \t\r\n\f\v";

std::string read_standard_input() {
    std::string result;
    std::array<char, 65536> buffer{};
    while (true) {
        const auto n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw command_error(exit_code::io_error, std::string("standard input: ") + std::strerror(errno));
        if (n == 0) return result;
        result.append(buffer.data(), static_cast<std::size_t>(n));
        if (result.size() > longest_input) throw usage_error("standard input: longer than 16 MiB");
    }
}

const json::string* text_member(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_string() : nullptr;
}

/// A session printed by us has registration_id, a registration session_id; results of a change have only id.
const json::string* id_in(const json::object& object, id_kind wanted) {
    if (wanted == id_kind::portal) return text_member(object, "portal");
    if (wanted == id_kind::target) return text_member(object, "target");
    const auto* other = wanted == id_kind::registration ? text_member(object, "registration_id")
                        : wanted == id_kind::session    ? text_member(object, "session_id")
                        : wanted == id_kind::job        ? text_member(object, "job_id")
                                                        : nullptr;
    return other != nullptr ? other : text_member(object, "id");
}

std::string id_of_item(const json::value& item, std::size_t number, id_kind wanted) {
    if (const auto* text = item.if_string()) return std::string(*text);
    const auto* object = item.if_object();
    const auto* id = object != nullptr ? id_in(*object, wanted) : nullptr;
    if (id == nullptr) {
        const char* missing = wanted == id_kind::portal ? "portal" : wanted == id_kind::target ? "target" : "id";
        throw usage_error("standard input: item " + std::to_string(number) +
                          " is not what a command of ours prints: it has no " + missing);
    }
    return std::string(*id);
}

const json::array* list_of(const json::value& document) {
    if (const auto* list = document.if_array()) return list;
    const auto* object = document.if_object();
    if (object == nullptr) return nullptr;
    for (const auto* name : {"sessions", "registrations", "portals", "targets", "jobs", "results"})
        if (const auto* value = object->if_contains(name)) return value->if_array();
    return nullptr;
}

std::vector<std::string> ids_in_json(std::string_view text, id_kind wanted) {
    json::error_code error;
    const auto document = json::parse({text.data(), text.size()}, error);
    if (error) throw usage_error("standard input: broken JSON: " + error.message());
    const auto* list = list_of(document);
    if (list == nullptr) return {id_of_item(document, 1, wanted)};
    std::vector<std::string> ids;
    for (const auto& item : *list) ids.push_back(id_of_item(item, ids.size() + 1, wanted));
    return ids;
}

}  // namespace

std::vector<std::string> ids_in(std::string_view piped, id_kind wanted) {
    auto at = piped.find_first_not_of(white_space);
    if (at == piped.npos) return {};
    if (piped[at] == '{' || piped[at] == '[') return ids_in_json(piped, wanted);
    std::vector<std::string> ids;
    while (at != piped.npos) {
        const auto end = piped.find_first_of(white_space, at);
        ids.emplace_back(piped.substr(at, end - at));
        at = piped.find_first_not_of(white_space, end);
    }
    return ids;
}

std::vector<std::string> ids_of(invocation& line, id_kind wanted) {
    std::vector<std::string> ids;
    for (const auto& operand : line.operands) {
        if (operand != "-") {
            ids.push_back(operand);
            continue;
        }
        line.claim_standard_input("the list of ids");
        for (auto& id : ids_in(read_standard_input(), wanted)) ids.push_back(std::move(id));
    }
    return ids;
}

json::array array_of(const std::vector<std::string>& texts) {
    json::array result;
    for (const auto& text : texts) result.emplace_back(text);
    return result;
}

}  // namespace persiscsi::cli
