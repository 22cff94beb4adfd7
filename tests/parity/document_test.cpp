// SPDX-License-Identifier: Apache-2.0
// The rows, the command line and docs/windows-parity.md agree. After a change on purpose: run with
// PERSISCSI_UPDATE_GOLDEN=1 and read the diff. That each test named is there, tests/check_test_links sees.
#include "tests/parity/document.hpp"

#include "cli/commands.hpp"
#include "tests/parity/rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace persiscsi::parity {
namespace {

constexpr std::string_view page = "docs/windows-parity.md";

std::string content_of(std::string_view file) {
    std::ifstream in(std::string(PERSISCSI_SOURCE_DIRECTORY "/") + std::string(file));
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> split(std::string_view text, std::string_view by) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find(by, from), text.size());
        parts.emplace_back(text.substr(from, end - from));
        from = end + by.size();
    }
    return parts;
}

bool takes_option(const cli::command_row& command, std::string_view name) {
    for (const auto& table : command.options)
        for (const auto& option : table)
            if (option.name == name) return true;
    return std::ranges::any_of(cli::global_options, [&](const auto& option) { return option.name == name; });
}

void expect_command_lines(std::string_view lines, std::string_view of) {
    for (const auto& line : split(lines, ", ")) {
        const auto words = split(line, " ");
        ASSERT_GE(words.size(), 2U) << of;
        const auto* command = cli::find_command(words[0], words[1]);
        ASSERT_NE(command, nullptr) << of << ": no command " << line;
        for (std::size_t i = 2; i < words.size(); ++i) {
            const auto& word = words[i];
            if (word.starts_with("--"))
                EXPECT_TRUE(takes_option(*command, word)) << of << ": " << command->name() << " has no " << word;
            else if (word == "-")
                EXPECT_NE(command->operand.help.find("- reads"), std::string_view::npos) << of << ": " << line;
            else
                EXPECT_EQ(word, command->operand.name) << of << ": " << line;
        }
    }
}

void expect_claims(const row& one, std::string_view of) {
    const auto where = std::string(of) + " " + std::string(one.windows);
    EXPECT_EQ(one.test.test.empty(), one.now == row::state::not_yet) << where << ": a claim and a test go together";
    EXPECT_FALSE(one.now != row::state::same && one.note.empty())
        << where << " does not say what is missing or which way";
    EXPECT_FALSE(one.now != row::state::not_yet && one.here.empty()) << where << " does not say what has it";
}

std::size_t count_of(std::string_view cmdlet) {
    for (const auto& one : cmdlets())
        if (one.name == cmdlet) return one.rows.size();
    return 0;
}

TEST(windows_parity_rows, name_commands_options_and_operands_that_are_there) {
    for (const auto& cmdlet : cmdlets()) {
        expect_command_lines(cmdlet.here, cmdlet.name);
        for (const auto& one : cmdlet.rows) expect_command_lines(one.here, one.windows);
    }
    for (const auto& one : common_parameters()) expect_command_lines(one.here, one.windows);
    for (const auto& one : classes()) expect_command_lines(one.here, one.name);
}

TEST(windows_parity_rows, name_fields_that_answers_have) {
    const auto answers = content_of("daemon/replies.cpp") + content_of("daemon/target_requests.cpp");
    ASSERT_FALSE(answers.empty());
    for (const auto& one : classes())
        for (const auto& property : one.rows)
            EXPECT_TRUE(property.here.empty() ||
                        answers.find("\"" + std::string(property.here) + "\"") != std::string::npos)
                << one.name << ": no answer has " << property.here;
}

TEST(windows_parity_rows, claim_nothing_without_a_test_and_leave_nothing_unsaid) {
    for (const auto& cmdlet : cmdlets())
        for (const auto& one : cmdlet.rows) expect_claims(one, cmdlet.name);
    for (const auto& one : common_parameters()) expect_claims(one, "every cmdlet");
    for (const auto& one : classes())
        for (const auto& property : one.rows) expect_claims(property, one.name);
}

TEST(windows_parity_rows, are_all_that_the_module_has_and_each_once) {
    EXPECT_EQ(cmdlets().size(), 13U);
    const std::pair<std::string_view, std::size_t> parameters[] = {{"New-IscsiTargetPortal", 9},
                                                                   {"Get-IscsiTargetPortal", 9},
                                                                   {"Update-IscsiTargetPortal", 6},
                                                                   {"Remove-IscsiTargetPortal", 8},
                                                                   {"Get-IscsiTarget", 5},
                                                                   {"Update-IscsiTarget", 7},
                                                                   {"Connect-IscsiTarget", 14},
                                                                   {"Disconnect-IscsiTarget", 6},
                                                                   {"Get-IscsiSession", 9},
                                                                   {"Register-IscsiSession", 6},
                                                                   {"Unregister-IscsiSession", 3},
                                                                   {"Get-IscsiConnection", 11},
                                                                   {"Set-IscsiChapSecret", 1}};
    for (const auto& [cmdlet, count] : parameters) EXPECT_EQ(count_of(cmdlet), count) << cmdlet;
    std::set<std::string> names;
    const auto add = [&](std::string_view of, std::span<const row> rows) {
        for (const auto& one : rows)
            EXPECT_TRUE(names.insert(std::string(of) + std::string(one.windows)).second) << of << one.windows;
    };
    for (const auto& one : cmdlets()) add(one.name, one.rows);
    for (const auto& one : classes()) add(one.name, one.rows);
    add("common", common_parameters());
}

TEST(windows_parity_document, is_what_is_printed) {
    if (std::getenv("PERSISCSI_UPDATE_GOLDEN") != nullptr)
        std::ofstream(std::string(PERSISCSI_SOURCE_DIRECTORY "/") + std::string(page)) << document();
    EXPECT_TRUE(content_of(page) == document()) << page << " is old; PERSISCSI_UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace
}  // namespace persiscsi::parity
