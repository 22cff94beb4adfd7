// SPDX-License-Identifier: Apache-2.0
#include "tests/parity/document.hpp"

#include "tests/parity/rows.hpp"

#include <algorithm>

namespace persiscsi::parity {
namespace {

constexpr std::string_view introduction =
    R"(# persiscsi beside Windows' iSCSI module

Every parameter of its thirteen cmdlets, those that all of them take, and every property of the objects they give out. "same": the
same is said and had by what stands in the second column. "another way": it is had, by other means. "not yet": it is not had; what is
in the second column helps meanwhile. The last column is a test that shows it, whose name is the link's title.

This page is printed from `tests/parity/rows.cpp`: `PERSISCSI_UPDATE_GOLDEN=1 build/release/bin/parity_test` writes it anew. The suite
fails when the page is not what is printed, when a command, option or field named here is not there, and (`tests/check_test_links`)
when a test is not.

)";

std::string_view name_of(row::state now) {
    switch (now) {
        case row::state::same:
            return "same";
        case row::state::otherwise:
            return "another way";
        case row::state::not_yet:
            return "not yet";
    }
    return "";
}

std::string in_code(std::string_view words) {
    std::string text;
    for (std::size_t from = 0; from < words.size();) {
        const auto end = std::min(words.find(", ", from), words.size());
        text += (text.empty() ? "`" : ", `") + std::string(words.substr(from, end - from)) + "`";
        from = end + 2;
    }
    return text.empty() ? "none" : text;
}

std::string link_to(const shown_by& test) {
    if (test.test.empty()) return "not yet";
    const auto name = test.test.substr(test.test.find('.') + 1);
    return "[" + std::string(name) + "](../" + std::string(test.file) + " \"" + std::string(test.test) + "\")";
}

std::string table_of(std::string_view title, std::span<const row> rows) {
    std::string text = "\n| " + std::string(title) + " | here | how | shown by |\n|---|---|---|---|\n";
    for (const auto& one : rows)
        text += "| `" + std::string(one.windows) + "` | " + in_code(one.here) + " | " + std::string(name_of(one.now)) +
                (one.note.empty() ? "" : ": " + std::string(one.note)) + " | " + link_to(one.test) + " |\n";
    return text + "\n";
}

std::string tables_of(std::string_view title, std::span<const topic> topics) {
    std::string text;
    for (const auto& one : topics)
        text += "## " + std::string(one.name) + "\n" + in_code(one.here) + "\n" + table_of(title, one.rows);
    return text;
}

std::string count() {
    std::size_t in_state[3] = {};
    const auto add = [&](std::span<const row> rows) {
        for (const auto& one : rows) ++in_state[static_cast<std::size_t>(one.now)];
    };
    for (const auto& one : cmdlets()) add(one.rows);
    for (const auto& one : classes()) add(one.rows);
    add(common_parameters());
    return std::to_string(in_state[0] + in_state[1] + in_state[2]) + " rows: " + std::to_string(in_state[0]) +
           " same, " + std::to_string(in_state[1]) + " another way, " + std::to_string(in_state[2]) + " not yet.\n\n";
}

}  // namespace

std::string document() {
    auto text = std::string(introduction) + count() + tables_of("parameter", cmdlets()) +
                "## What every cmdlet takes\n" + table_of("parameter", common_parameters()) +
                tables_of("property", classes());
    text.pop_back();  // one empty line at the end is one too many
    return text;
}

}  // namespace persiscsi::parity
