// SPDX-License-Identifier: Apache-2.0
// The texts of --help against golden/. After a change on purpose: run with PERSISCSI_UPDATE_GOLDEN=1 and read the diff.
#include "cli/help.hpp"

#include "cli/command_error.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace persiscsi::cli {
namespace {

std::filesystem::path golden_directory() {
    return PERSISCSI_GOLDEN_DIRECTORY;
}

void compare(const std::string& name, const std::string& text) {
    const auto path = golden_directory() / (name + ".txt");
    if (std::getenv("PERSISCSI_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
    std::ifstream file(path);
    ASSERT_TRUE(file) << path << " is missing";
    EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

std::string file_name_of(const command_row& command) {
    return (command.noun.empty() ? "" : std::string(command.noun) + "-") + std::string(command.verb);
}

std::string help_by(const std::vector<std::string>& arguments) {
    const auto parsed = parse_command_line(arguments);
    const auto* help = std::get_if<help_wanted>(&parsed);
    return help != nullptr ? help->text : "no help";
}

TEST(help, of_each_command_is_its_golden_text) {
    for (const auto& command : commands) compare(file_name_of(command), help_of(command));
}

TEST(help, of_the_program_and_of_nouns_is_their_golden_text) {
    compare("persiscsi", help_of_all());
    compare("noun-session", help_of_noun("session"));
}

TEST(help, golden_texts_belong_to_commands) {
    std::set<std::string> expected{"persiscsi.txt", "noun-session.txt"};
    for (const auto& command : commands) expected.insert(file_name_of(command) + ".txt");
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(golden_directory()))
        found.insert(entry.path().filename());
    EXPECT_EQ(found, expected);
}

TEST(help, is_found_by_every_way_to_ask) {
    EXPECT_EQ(help_by({"--help"}), help_of_all());
    EXPECT_EQ(help_by({"session", "--help"}), help_of_noun("session"));
    EXPECT_EQ(help_by({"session", "unregister", "-h"}), help_of(*find_command("session", "unregister")));
    EXPECT_EQ(help_by({"read", "--help"}), help_of(*find_command("", "read")));
    EXPECT_EQ(help_by({"read", "some-url", "--lba", "1", "--help"}), help_of(*find_command("", "read")));
}

TEST(help, has_no_line_wider_than_100_columns) {
    for (const auto& command : commands) {
        std::istringstream lines(help_of(command));
        for (std::string line; std::getline(lines, line);)
            EXPECT_TRUE(line.size() <= 100 || line.starts_with("  persiscsi ")) << command.name() << ": " << line;
    }
}

TEST(help, names_every_option_and_every_exit_code) {
    for (const auto& command : commands) {
        const auto text = help_of(command);
        for (const auto& group : command.options)
            for (const auto& option : group) EXPECT_NE(text.find(option.name), text.npos) << option.name;
        for (const auto& row : exit_codes) EXPECT_NE(text.find(row.text), text.npos) << row.text;
        EXPECT_NE(text.find(command.example), text.npos) << command.name();
        EXPECT_TRUE(command.example.starts_with("persiscsi ")) << command.name();
    }
}

}  // namespace
}  // namespace persiscsi::cli
