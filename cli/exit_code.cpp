// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

#include "initiator/errors.hpp"

#include <cerrno>
#include <string_view>

namespace persiscsi::cli {
namespace {

exit_code of_login_errc(login_errc error) {
    switch (error) {
        case login_errc::connect_failed:
        case login_errc::host_not_found:
            return exit_code::unreachable;
        case login_errc::timed_out:
            return exit_code::timed_out;
        case login_errc::bad_option:
            return exit_code::usage;
        default:
            return exit_code::login_failed;
    }
}

exit_code of_protocol_errc(protocol_errc error) {
    switch (error) {
        case protocol_errc::local_task_timed_out:
        case protocol_errc::local_gave_up_reconnecting:
            return exit_code::timed_out;
        case protocol_errc::local_bad_request:
            return exit_code::internal;
        default:
            return exit_code::io_error;
    }
}

bool is_resolver_error(const std::error_code& error) {
    const std::string_view category = error.category().name();
    return category == "asio.netdb" || category == "asio.addrinfo";
}

exit_code of_system_error(const std::error_code& error) {
    if (is_resolver_error(error)) return exit_code::unreachable;
    if (error == std::errc::timed_out) return exit_code::timed_out;
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted)
        return exit_code::permission;
    for (const auto unreachable : {std::errc::connection_refused,
                                   std::errc::host_unreachable,
                                   std::errc::network_unreachable,
                                   std::errc::network_down,
                                   std::errc::address_not_available})
        if (error == unreachable) return exit_code::unreachable;
    return exit_code::io_error;
}

}  // namespace

exit_code exit_code_of(const std::error_code& error) {
    if (!error) return exit_code::ok;
    if (error.category() == login_category()) return of_login_errc(static_cast<login_errc>(error.value()));
    if (error.category() == protocol_category()) return of_protocol_errc(static_cast<protocol_errc>(error.value()));
    return of_system_error(error);
}

exit_code exit_code_of_login(const std::error_code& error) {
    const auto code = exit_code_of(error);
    return code == exit_code::io_error ? exit_code::login_failed : code;
}

exit_code exit_code_of_file(int error) {
    switch (error) {
        case EACCES:
        case EPERM:
        case EROFS:
            return exit_code::permission;
        case ENOENT:
        case ENOTDIR:
        case EISDIR:
        case ENAMETOOLONG:
            return exit_code::usage;
        default:
            return exit_code::io_error;
    }
}

exit_code exit_code_of_number(long long number) {
    for (const auto& row : exit_codes)
        if (static_cast<long long>(row.value) == number) return row.value;
    return exit_code::internal;
}

}  // namespace persiscsi::cli
