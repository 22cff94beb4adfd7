// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include "cli/results.hpp"
#include "initiator/errors.hpp"
#include "initiator/scsi/errors.hpp"

#include <boost/asio/error.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace persiscsi::cli {
namespace {

std::error_code system(int error) {
    return {error, std::system_category()};
}

TEST(exit_code, numbers_are_those_of_the_manual) {
    int expected = 0;
    for (const auto& row : exit_codes) EXPECT_EQ(static_cast<int>(row.value), expected++);
    EXPECT_EQ(expected, 12);
    EXPECT_EQ(exit_code_of_number(9), exit_code::login_failed);
    EXPECT_EQ(exit_code_of_number(99), exit_code::internal);
    EXPECT_EQ(exit_code_of_number(-1), exit_code::internal);
}

TEST(exit_code, of_every_login_error_is_login_failed_but_four) {
    for (const auto& row : login_errors) {
        auto expected = exit_code::login_failed;
        if (row.value == login_errc::connect_failed || row.value == login_errc::host_not_found)
            expected = exit_code::unreachable;
        if (row.value == login_errc::timed_out) expected = exit_code::timed_out;
        if (row.value == login_errc::bad_option) expected = exit_code::usage;
        EXPECT_EQ(exit_code_of(row.value), expected) << row.name;
        EXPECT_EQ(exit_code_of_login(row.value), expected) << row.name;
    }
}

TEST(exit_code, of_every_scsi_error_is_io_error) {
    for (const auto& row : scsi_errors) EXPECT_EQ(exit_code_of(row.value), exit_code::io_error) << row.name;
}

TEST(exit_code, of_a_broken_protocol_depends_on_where_it_broke) {
    EXPECT_EQ(exit_code_of(protocol_errc::remote_closed), exit_code::io_error);
    EXPECT_EQ(exit_code_of_login(protocol_errc::remote_closed), exit_code::login_failed);
    EXPECT_EQ(exit_code_of(protocol_errc::local_task_timed_out), exit_code::timed_out);
    EXPECT_EQ(exit_code_of_login(protocol_errc::local_task_timed_out), exit_code::timed_out);
}

TEST(exit_code, of_system_errors_tells_unreachable_from_forbidden_and_late) {
    for (const int error : {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL})
        EXPECT_EQ(exit_code_of_login(system(error)), exit_code::unreachable) << error;
    EXPECT_EQ(exit_code_of_login(system(ETIMEDOUT)), exit_code::timed_out);
    EXPECT_EQ(exit_code_of_login(system(EACCES)), exit_code::permission);
    EXPECT_EQ(exit_code_of(system(ECONNRESET)), exit_code::io_error);
    const boost::system::error_code resolver = boost::asio::error::host_not_found;
    EXPECT_EQ(exit_code_of_login(std::error_code(resolver)), exit_code::unreachable);
}

TEST(exit_code, of_local_files_tells_wrong_operands_from_forbidden_ones) {
    EXPECT_EQ(exit_code_of_file(ENOENT), exit_code::usage);
    EXPECT_EQ(exit_code_of_file(EACCES), exit_code::permission);
    EXPECT_EQ(exit_code_of_file(ENOSPC), exit_code::io_error);
}

exit_code of_results(const char* text, bool strict = false, bool all = false) {
    return exit_code_of(boost::json::parse(text).as_array(), strict, all);
}

TEST(exit_code, of_several_items_follows_their_results) {
    EXPECT_EQ(of_results(R"([{"result":"unregistered"},{"result":"not_registered"}])"), exit_code::ok);
    EXPECT_EQ(of_results(R"([{"result":"unregistered"},{"result":"not_registered"}])", true), exit_code::some_failed);
    EXPECT_EQ(of_results(R"([{"result":"unregistered"},{"result":"not_found"}])"), exit_code::some_failed);
    EXPECT_EQ(of_results(R"([{"result":"not_found"},{"result":"not_found"}])"), exit_code::nothing_matched);
    EXPECT_EQ(of_results(R"([{"result":"refused"}])"), exit_code::refused);
    EXPECT_EQ(of_results(R"([{"result":"failed"}])"), exit_code::some_failed);
    EXPECT_EQ(of_results(R"([{"result":"of a later daemon"}])"), exit_code::some_failed);
    EXPECT_EQ(of_results("[]"), exit_code::nothing_matched);
    EXPECT_EQ(of_results("[]", false, true), exit_code::ok);
}

}  // namespace
}  // namespace persiscsi::cli
