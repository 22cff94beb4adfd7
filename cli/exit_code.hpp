// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <system_error>

namespace persiscsi::cli {

/// How `persiscsi` ends. Scripts rely on the numbers: they never change their meaning.
enum class exit_code : int {
    ok = 0,
    internal = 1,
    usage = 2,
    some_failed = 3,
    nothing_matched = 4,
    refused = 5,
    permission = 6,
    busy = 7,
    unreachable = 8,
    login_failed = 9,
    io_error = 10,
    timed_out = 11,
};

struct exit_code_row {
    exit_code value;
    std::string_view text;
};

inline constexpr exit_code_row exit_codes[] = {
    {exit_code::ok, "all as wanted (already so included, and said)"},
    {exit_code::internal, "internal error"},
    {exit_code::usage, "usage: an option, operand or URL is wrong"},
    {exit_code::some_failed, "some items failed"},
    {exit_code::nothing_matched, "nothing matched"},
    {exit_code::refused, "refused for safety"},
    {exit_code::permission, "permission denied"},
    {exit_code::busy, "busy"},
    {exit_code::unreachable, "daemon or host unreachable"},
    {exit_code::login_failed, "login or authentication failed"},
    {exit_code::io_error, "I/O error"},
    {exit_code::timed_out, "timed out"},
};

/// What an error of a command (SCSI, data, session) means.
[[nodiscard]] exit_code exit_code_of(const std::error_code& error);

/// What an error means that came from a login or a discovery. Anything the peer did wrong before Full Feature Phase is
/// a failed login.
[[nodiscard]] exit_code exit_code_of_login(const std::error_code& error);

/// What an errno of a local file means.
[[nodiscard]] exit_code exit_code_of_file(int error);

/// The code of that number; `internal` for a number that is none of ours.
[[nodiscard]] exit_code exit_code_of_number(long long number);

}  // namespace persiscsi::cli
