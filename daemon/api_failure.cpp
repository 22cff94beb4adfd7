// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_failure.hpp"

#include "persistence/errors.hpp"

#include <exception>

namespace persiscsi::daemon {
namespace {

api_errc api_code_of(persistence::store_errc code) {
    using persistence::store_errc;
    switch (code) {
        case store_errc::not_found:
            return api_errc::not_found;
        case store_errc::already_exists:
        case store_errc::in_use:
        case store_errc::locked:
            return api_errc::busy;
        case store_errc::misuse:
            return api_errc::bad_request;
        case store_errc::permission:
        case store_errc::read_only:
            return api_errc::forbidden;
        case store_errc::full:
        case store_errc::damaged:
        case store_errc::newer_version:
        case store_errc::wrong_key:
        case store_errc::io:
            return api_errc::internal;
    }
    return api_errc::internal;
}

}  // namespace

const api_error_row& row_of(api_errc value) {
    for (const auto& row : api_errors)
        if (row.value == value) return row;
    return row_of(api_errc::internal);
}

api_failure current_failure() {
    try {
        throw;
    } catch (const api_failure& failure) {
        return failure;
    } catch (const persistence::store_error& error) {
        return {api_code_of(error.errc()), error.what()};
    } catch (const std::exception& error) {
        return {api_errc::internal, std::string("the request failed: ") + error.what()};
    }
}

boost::json::value error_body(const api_failure& failure) {
    const auto& row = row_of(failure.code());
    return {{"error", {{"code", row.name}, {"message", failure.what()}, {"exit", row.exit}}}};
}

}  // namespace persiscsi::daemon
