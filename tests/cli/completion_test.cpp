// SPDX-License-Identifier: Apache-2.0
// What the shells make of the scripts: completion.sh.
#include "cli/completion.hpp"

#include "cli/command_names.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace persiscsi::cli {
namespace {

TEST(completion, offers_choices_and_file_names_by_what_help_calls_them) {
    const auto words = [](std::string_view value) { return offered_for(value).words; };
    EXPECT_EQ(words("none|crc32c|prefer"), (std::vector<std::string>{"none", "crc32c", "prefer"}));
    EXPECT_EQ(words("for-ever|at-once|SECONDS"), (std::vector<std::string>{"for-ever", "at-once"}));
    for (const auto* value : {"", "N", "HOST:PORT", "ADDRESS|NAME", "KEY=VALUE", "ID", "FILE"})
        EXPECT_TRUE(words(value).empty()) << value;
    EXPECT_TRUE(offered_for("FILE").files);
    EXPECT_TRUE(offered_for("FILE|DIR").files);
    EXPECT_TRUE(offered_for("DIR").directories);
    EXPECT_FALSE(offered_for("SECONDS").files);
}

// The scripts know an option by its name alone, whatever the command.
TEST(completion, an_option_takes_the_same_kind_of_value_everywhere) {
    using kind = std::tuple<bool, std::vector<std::string>, bool, bool>;
    std::map<std::string_view, kind> known;
    for_each_option([&](const option_row& option) {
        const auto offered = offered_for(option.value);
        const kind found{!option.value.empty(), offered.words, offered.files, offered.directories};
        for (const auto name : {option.name, option.letter}) {
            if (name.empty()) continue;
            EXPECT_EQ(known.emplace(name, found).first->second, found) << name;
        }
    });
}

TEST(completion, every_script_has_every_command_and_option) {
    const auto has = [](const std::string& script, std::string_view word) { return script.find(word) != script.npos; };
    const auto bash = bash_completion();
    const auto zsh = zsh_completion();
    const auto fish = fish_completion();
    for (const auto& command : commands)
        for (const auto* script : {&bash, &zsh, &fish}) EXPECT_TRUE(has(*script, command.verb)) << command.name();
    for_each_option([&](const option_row& option) {
        EXPECT_TRUE(has(bash, option.name)) << option.name;
        EXPECT_TRUE(has(zsh, option.name)) << option.name;
        EXPECT_TRUE(has(fish, " -l " + std::string(option.name.substr(2)))) << option.name;
    });
}

}  // namespace
}  // namespace persiscsi::cli
