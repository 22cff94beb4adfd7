// SPDX-License-Identifier: Apache-2.0
#include "daemon/openapi.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/handlers.hpp"

#include <algorithm>
#include <cctype>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

// Calls `use` with each part of `text` between `separator`s that is not empty.
template <class Use>
void for_each_part(std::string_view text, char separator, Use use) {
    while (!text.empty()) {
        const auto part = text.substr(0, text.find(separator));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        if (!part.empty()) use(part);
    }
}

json::object parameter(std::string_view name, std::string_view where) {
    return {{"name", name}, {"in", where}, {"required", where == "path"}, {"schema", {{"type", "string"}}}};
}

json::array parameters_of(const route& row) {
    json::array all;
    for_each_part(row.pattern, '/', [&](std::string_view part) {
        if (part.front() == '{') all.push_back(parameter(part.substr(1, part.size() - 2), "path"));
    });
    for_each_part(row.query, ' ', [&](std::string_view name) { all.push_back(parameter(name, "query")); });
    return all;
}

json::object content(std::string_view type, json::object schema) {
    return {{"content", {{type, {{"schema", std::move(schema)}}}}}};
}

json::object octets_schema() {
    return {{"type", "string"}, {"format", "binary"}};
}

json::object body_of(const route& row) {
    auto body = row.takes == body_kind::octets ? content("application/octet-stream", octets_schema())
                                               : content("application/json", {{"type", "object"}});
    body["required"] = row.takes == body_kind::octets;
    return body;
}

json::object answer_of(const route& row) {
    auto answer = row.answers == body_kind::json     ? content("application/json", {{"type", "object"}})
                  : row.answers == body_kind::octets ? content("application/octet-stream", octets_schema())
                                                     : content("text/plain", {{"type", "string"}});
    answer["description"] = "as asked; what became of single items stands in it";
    return answer;
}

json::object operation_of(const route& row) {
    auto failed = content("application/json", {{"$ref", "#/components/schemas/error"}});
    failed["description"] = "an error";
    json::object operation{{"summary", row.summary},
                           {"responses", {{"200", answer_of(row)}, {"default", std::move(failed)}}},
                           {"x-persiscsi-access", row.needs == access::see ? "see" : "operate"}};
    if (auto parameters = parameters_of(row); !parameters.empty()) operation["parameters"] = std::move(parameters);
    if (row.takes != body_kind::none) operation["requestBody"] = body_of(row);
    return operation;
}

json::object error_schema() {
    json::array names;
    for (const auto& row : api_errors) names.emplace_back(row.name);
    const json::object code{{"type", "string"}, {"enum", std::move(names)}};
    const json::object exit{{"type", "integer"}, {"description", "exit code of a command that gets this answer"}};
    const json::object members{{"code", code}, {"message", {{"type", "string"}}}, {"exit", exit}};
    return {{"type", "object"},
            {"required", {"error"}},
            {"properties",
             {{"error", {{"type", "object"}, {"required", {"code", "message", "exit"}}, {"properties", members}}}}}};
}

}  // namespace

json::object openapi_of(std::span<const route> all) {
    json::object paths;
    for (const auto& row : all) {
        std::string verb(row.verb);
        std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        auto& path = paths[row.pattern];
        if (path.is_null()) path = json::object();
        path.as_object()[verb] = operation_of(row);
    }
    return {{"openapi", "3.0.3"},
            {"info",
             {{"title", "persiscsi control API"},
              {"version", "1"},
              {"description",
               "HTTP/1.1 on the Unix socket of persiscsid. The members of requests and answers: "
               "docs/json.md and docs/control-api.md."}}},
            {"paths", std::move(paths)},
            {"components", {{"schemas", {{"error", error_schema()}}}}}};
}

awaitable<api_reply> get_openapi(service&, api_request&) {
    api_reply reply;
    reply.body = openapi_of(routes());
    co_return reply;
}

}  // namespace persiscsi::daemon
