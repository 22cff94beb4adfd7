// SPDX-License-Identifier: Apache-2.0
// What groff and mandoc make of the pages: man_pages.sh.
#include "cli/man_page.hpp"

#include "cli/commands.hpp"
#include "cli/script_text.hpp"

#include <gtest/gtest.h>

namespace persiscsi::cli {
namespace {

bool has(const std::string& page, const std::string& what) {
    return page.find(what) != page.npos;
}

std::string dashed(std::string_view text) {
    return replaced(text, '-', "\\-");
}

void expect_options(const std::string& page, std::span<const option_row> options) {
    for (const auto& option : options) {
        auto line = "\\fB" + dashed(option.name) + "\\fR";
        if (!option.value.empty()) line += " \\fI" + dashed(option.value) + "\\fR";
        EXPECT_TRUE(has(page, line + "\n")) << option.name;
    }
}

TEST(man_page, has_every_option_exit_code_and_the_example) {
    for (const auto& command : commands) {
        SCOPED_TRACE(command.name());
        const auto page = man_page_of(command);
        for (const auto& group : command.options) expect_options(page, group);
        expect_options(page, global_options);
        for (const auto& row : exit_codes) EXPECT_TRUE(has(page, dashed(row.text))) << row.text;
        EXPECT_TRUE(has(page, ".SH NAME\n" + dashed(man_page_name(command)) + " \\- "));
        EXPECT_TRUE(has(page, "\n.nf\npersiscsi "));
    }
}

TEST(man_page, of_the_program_has_every_command) {
    const auto page = man_page_of_all();
    for (const auto& command : commands) EXPECT_TRUE(has(page, "\\fB" + dashed(command.name()) + "\\fR\n"));
    expect_options(page, global_options);
}

TEST(man_page, is_named_after_its_command) {
    EXPECT_EQ(man_page_name(*find_command("session", "unregister")), "persiscsi-session-unregister");
    EXPECT_EQ(man_page_name(*find_command("", "read")), "persiscsi-read");
}

// A line that begins with a dot or an apostrophe would be a request.
TEST(man_page, no_text_is_taken_for_a_request) {
    for (const auto& command : commands) {
        const auto page = man_page_of(command);
        for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1) {
            const auto line = page.substr(at, page.find('\n', at) - at);
            if (!line.starts_with('.') && !line.starts_with('\'')) continue;
            const auto request = line.substr(0, 3);
            EXPECT_TRUE(request == ".SH" || request == ".TP" || request == ".TH" || request == ".nf" ||
                        request == ".fi" || request == ".\\\"")
                << command.name() << ": " << line;
        }
    }
}

}  // namespace
}  // namespace persiscsi::cli
