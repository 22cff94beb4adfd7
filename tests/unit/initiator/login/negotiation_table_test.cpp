// SPDX-License-Identifier: Apache-2.0
// The table of docs/negotiation.md against the rows it is printed from. After a change on purpose: run with
// PERSISCSI_UPDATE_DOCS=1 and read the diff.
#include "initiator/login/operational_keys.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace persiscsi::login {
namespace {

constexpr std::string_view begin_mark = "<!-- the table: printed from initiator/login/operational_keys.cpp -->\n";
constexpr std::string_view end_mark = "<!-- end of the table -->\n";

std::string use_of(const operational_key& key) {
    const std::string stage = key.any_stage ? ", any stage" : "";
    switch (key.use) {
        case key_use::leading_only:
            return "LO" + stage;
        case key_use::initialize_only:
            return "IO" + stage;
        case key_use::all:
            return "ALL" + stage;
        case key_use::full_feature_phase_only:
            return "FFPO";
    }
    return {};
}

std::string_view sender_of(const operational_key& key) {
    switch (key.sender) {
        case key_sender::initiator:
            return "initiator";
        case key_sender::target:
            return "target";
        case key_sender::both:
            return "both";
    }
    return {};
}

std::string_view result_of(const operational_key& key) {
    switch (key.result) {
        case result_function::minimum:
            return "minimum";
        case result_function::maximum:
            return "maximum";
        case result_function::logical_and:
            return "AND";
        case result_function::logical_or:
            return "OR";
        case result_function::first_listed:
            return "first of the offer";
        case result_function::declared:
            return "declared";
        case result_function::obsolete:
            return "answered Reject";
    }
    return {};
}

std::string wish_of(const operational_key& key) {
    if (key.wish == nullptr) return "–";
    const auto wish = key.wish(login_options{});
    return key.offered == offering::always ? wish : "not offered; accepts " + wish;
}

/// The options of the command line that lead to each key.
std::string setting_of(const operational_key& key) {
    constexpr struct {
        std::string_view key;
        std::string_view setting;
    } own_options[] = {{"HeaderDigest", "`--header-digest`"},
                       {"DataDigest", "`--data-digest`"},
                       {"MaxConnections", "`--connections`"},
                       {"ErrorRecoveryLevel", "`--erl`"},
                       {"SendTargets", "`discover`"},
                       {"TargetName", "the URL"},
                       {"InitiatorName", "`--initiator-name`"},
                       {"InitiatorAlias", "`--param InitiatorAlias=…`"},
                       {"SessionType", "`discover`, else Normal"}};
    for (const auto& row : own_options)
        if (row.key == key.name) return std::string(row.setting);
    if (key.offered == offering::never) return "–";
    return "`--param " + std::string(key.name) + "=…`";
}

std::string row_of(const operational_key& key) {
    std::string row;
    const auto add = [&](std::string_view cell) { row += "| " + std::string(cell) + " "; };
    add("`" + std::string(key.name) + "`");
    add(key.section);
    add(use_of(key));
    add(key.scope == key_scope::session ? "session" : "connection");
    add(sender_of(key));
    add(key.result == result_function::obsolete ? std::string("–") : legal_values(key));
    add(result_of(key));
    add(key.irrelevant_in_discovery ? "no" : "yes");
    add(wish_of(key));
    add(setting_of(key));
    return row + "|\n";
}

std::string table() {
    std::string text =
        "| key | § | use | scope | senders | legal values | result | in discovery | our wish | set by |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n";
    for (const auto& key : operational_keys()) text += row_of(key);
    return text;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(negotiation_table, of_the_documentation_is_what_the_code_does) {
    const std::string path = PERSISCSI_DOCS_DIRECTORY "/negotiation.md";
    const auto text = read_file(path);
    const auto begin = text.find(begin_mark);
    const auto end = text.find(end_mark);
    ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end) << path << " has no marks";
    const auto first = begin + begin_mark.size();
    if (std::getenv("PERSISCSI_UPDATE_DOCS") != nullptr)
        std::ofstream(path) << text.substr(0, first) << table() << text.substr(end);
    else
        EXPECT_EQ(text.substr(first, end - first), table());
}

}  // namespace
}  // namespace persiscsi::login
