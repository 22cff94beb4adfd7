// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_source.hpp"

#include "cli/command_error.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

struct refusal {
    exit_code code = exit_code::ok;
    std::string text;
};

refusal refusal_of(const std::string& path) {
    try {
        static_cast<void>(read_secret(path, "--chap-secret-file"));
    } catch (const command_error& error) {
        return {error.code(), error.what()};
    }
    return {};
}

TEST(secret_file, loses_one_newline_at_its_end_and_nothing_else) {
    const temporary_directory directory;
    EXPECT_EQ(read_secret(directory.file("a", "hunter2\n"), "x").reveal(), "hunter2");
    EXPECT_EQ(read_secret(directory.file("b", "hunter2\r\n"), "x").reveal(), "hunter2");
    EXPECT_EQ(read_secret(directory.file("c", "hunter2"), "x").reveal(), "hunter2");
    EXPECT_EQ(read_secret(directory.file("d", " hunter2 \n"), "x").reveal(), " hunter2 ");
    EXPECT_EQ(read_secret(directory.file("e", std::string(longest_secret, 's') + "\n"), "x").size(), longest_secret);
}

TEST(secret_file, open_to_group_or_others_is_refused_as_a_matter_of_permission) {
    const temporary_directory directory;
    const auto others = refusal_of(directory.file("others", "hunter2\n", 0604));
    EXPECT_EQ(others.code, exit_code::permission);
    EXPECT_NE(others.text.find("readable by everybody (mode 0604)"), others.text.npos) << others.text;
    const auto group = refusal_of(directory.file("group", "hunter2\n", 0640));
    EXPECT_EQ(group.code, exit_code::permission);
    EXPECT_NE(group.text.find("readable by its group (mode 0640)"), group.text.npos) << group.text;
}

TEST(secret_file, empty_long_or_of_many_lines_is_refused_without_showing_it) {
    const temporary_directory directory;
    for (const auto& content : {std::string(),
                                std::string("\n"),
                                std::string("hunter2\nhunter3\n"),
                                std::string("hunter2\n\n"),
                                std::string("hunter2\0x", 9),
                                "hunter2" + std::string(longest_secret, 's')}) {
        const auto refused = refusal_of(directory.file("secret", content));
        EXPECT_EQ(refused.code, exit_code::usage) << content;
        EXPECT_EQ(refused.text.find("hunter"), refused.text.npos) << refused.text;
    }
}

TEST(secret_file, missing_or_a_directory_is_named_with_its_option) {
    const temporary_directory directory;
    const auto missing = refusal_of((directory.path() / "nowhere").string());
    EXPECT_EQ(missing.code, exit_code::usage);
    EXPECT_EQ(missing.text,
              "--chap-secret-file " + (directory.path() / "nowhere").string() + ": No such file or directory");
    EXPECT_EQ(refusal_of(directory.path().string()).code, exit_code::usage);
}

}  // namespace
}  // namespace persiscsi::cli
