// SPDX-License-Identifier: Apache-2.0
#include "cli/results.hpp"

#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/printable.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace persiscsi::cli {
namespace {

constexpr std::string_view wanted_results[] = {"unregistered",
                                               "not_registered",
                                               "registered",
                                               "already_registered",
                                               "disconnected",
                                               "removed",
                                               "created",
                                               "unchanged",
                                               "resealed",
                                               "replaced",
                                               "refreshed",
                                               "cancelling",
                                               "already_ended"};

std::string name_of_item(const boost::json::object& item) {
    for (const auto* member : {"id", "name", "portal", "target"})
        if (item.contains(member)) return text_in(item, member);
    return {};
}

}  // namespace

bool is_failure(std::string_view result, bool strict) {
    if (strict && result == "not_registered") return true;
    return std::ranges::find(wanted_results, result) == std::end(wanted_results);
}

exit_code exit_code_of(const boost::json::array& results, bool strict, bool all_wanted) {
    if (results.empty()) return all_wanted ? exit_code::ok : exit_code::nothing_matched;
    std::size_t failed = 0;
    std::size_t not_found = 0;
    std::size_t refused = 0;
    for (const auto& item : results) {
        const auto result = text_in(item.as_object(), "result");
        failed += is_failure(result, strict) ? 1U : 0U;
        not_found += result == "not_found" ? 1U : 0U;
        refused += result == "refused" ? 1U : 0U;
    }
    if (failed == 0) return exit_code::ok;
    if (not_found == results.size()) return exit_code::nothing_matched;
    return refused == results.size() ? exit_code::refused : exit_code::some_failed;
}

void complain_about(console& out, const std::string& command, const boost::json::array& results, bool strict) {
    for (const auto& item : results) {
        const auto& object = item.as_object();
        const auto result = text_in(object, "result");
        if (!is_failure(result, strict)) continue;
        const auto message = text_in(object, "message");
        const auto id = name_of_item(object);
        out.complain(command + " " + in_quotes(id) + ": " + (message.empty() ? result : message));
    }
}

}  // namespace persiscsi::cli
