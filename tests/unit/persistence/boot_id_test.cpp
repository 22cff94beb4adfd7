// SPDX-License-Identifier: Apache-2.0
#include "persistence/boot_id.hpp"

#include "tests/unit/persistence/state_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace persiscsi::persistence::testing {
namespace {

struct boot_id_file : ::testing::Test {
    state_directory directory;
    std::filesystem::path file = directory.parent() / "boot_id";

    std::string read(std::string_view content) const {
        write_content(file, content);
        return read_boot_id(file);
    }
    store_errc refusal(std::string_view content) const {
        return error_of([&] { static_cast<void>(read(content)); }).errc();
    }
};

TEST_F(boot_id_file, is_read_without_the_white_space_around_it) {
    EXPECT_EQ(read("  3f1c\r\n\n"), "3f1c");
    EXPECT_EQ(read(std::string(128, 'x')), std::string(128, 'x'));
}

TEST_F(boot_id_file, is_refused_when_empty_too_long_or_not_printable) {
    EXPECT_EQ(refusal(""), store_errc::damaged);
    EXPECT_EQ(refusal(" \n"), store_errc::damaged);
    EXPECT_EQ(refusal(std::string(129, 'x')), store_errc::damaged);
    EXPECT_EQ(refusal(std::string(5000, 'x')), store_errc::damaged);
    EXPECT_EQ(refusal("two words"), store_errc::damaged);
    EXPECT_EQ(refusal(std::string_view("nul\0here", 8)), store_errc::damaged);
    EXPECT_EQ(refusal("gr\xc3\xb6\xc3\x9f"
                      "e"),
              store_errc::damaged);
}

TEST_F(boot_id_file, that_is_missing_is_named) {
    const auto error = error_of([&] { static_cast<void>(read_boot_id(file)); });
    EXPECT_EQ(error.errc(), store_errc::not_found);
    EXPECT_NE(std::string(error.what()).find("read boot id " + file.native()), std::string::npos);
}

TEST_F(boot_id_file, that_is_a_directory_is_refused) {
    EXPECT_EQ(error_of([&] { static_cast<void>(read_boot_id(directory.parent())); }).errc(), store_errc::damaged);
}

TEST_F(boot_id_file, is_named_by_the_environment) {
    write_content(file, "from-the-environment\n");
    setenv("PERSISCSI_BOOT_ID_FILE", file.c_str(), 1);
    const auto named = read_boot_id();
    unsetenv("PERSISCSI_BOOT_ID_FILE");
    EXPECT_EQ(named, "from-the-environment");
}

}  // namespace
}  // namespace persiscsi::persistence::testing
