// SPDX-License-Identifier: Apache-2.0
#include "cli/command_error.hpp"
#include "cli/piped_ids.hpp"
#include "daemon/api_failure.hpp"
#include "daemon/control/target.hpp"
#include "daemon/json_fields.hpp"
#include "daemon/list_filter.hpp"
#include "daemon/requests.hpp"
#include "persistence/record_rows.hpp"
#include "tests/fuzz/targets.hpp"

#include <boost/json/value.hpp>

namespace persiscsi::fuzz {
namespace {

void check_ids(const std::vector<std::string>& ids) {
    must(ids.size() <= daemon::max_items, "ids of one request are bounded");
}

void check_login(const persistence::login_record& login) {
    must(!login.target.empty() && login.target.size() <= daemon::max_iscsi_name, "a request names a target");
    must(login.portal_port != 0 && login.connections != 0, "a port is one, and there is a connection");
    must(login.parameters.size() + login.labels.size() <= persistence::max_pairs, "pairs are bounded");
}

/// One of the requests, by `which`.
void parse_request(unsigned which, boost::json::value& body) {
    using namespace daemon;
    switch (which % 8) {
        case 0: {
            const auto request = parse_connect(body, "iqn.2024-01.example:default");
            must(1 <= request.sessions && request.sessions <= max_sessions_a_request, "sessions are bounded");
            return check_login(request.login);
        }
        case 1:
            return check_ids(parse_disconnect(body).ids);
        case 2:
            return check_ids(parse_register(body).ids);
        case 3:
            return check_ids(parse_unregister(body).ids);
        case 4:
            return must(parse_remove_secrets(body).names.size() <= max_items, "names are bounded");
        case 5:
            return must(parse_add_portal(body, "iqn.2024-01.example:default").login.portal_port != 0, "a port is one");
        case 6:
            return check_ids(parse_portals(body, "portals request").portals);
        default:
            return must(!parse_secret(body, "secret").value.empty(), "a secret is not empty");
    }
}

/// A value of a row as the fuzzer wants it: any type, any length.
persistence::sql_value any_value(input& from) {
    switch (from.below(4)) {
        case 0:
            return std::monostate{};
        case 1:
            return static_cast<std::int64_t>(std::uint64_t{from.number(4)} << 32U | from.number(4));
        case 2:
            return std::string(as_text(from.take(from.number())));
        default:
            return persistence::blob{std::string(as_text(from.take(from.number())))};
    }
}

template <class Record>
void check_row(const persistence::table_shape& shape, input from) {
    persistence::row values;
    while (values.size() < shape.columns.size()) values.push_back(any_value(from));
    try {
        Record record{};
        persistence::from_row(values, record);
        must(persistence::to_row(record) == values, "a row that is read is the row that would be written");
    } catch (const persistence::row_fault& fault) {
        must(!fault.reason.empty(), "a fault has a reason");
    }
}

}  // namespace

void control_json(input from) {
    const auto which = from.number();
    try {
        auto body = daemon::parse_json(from.text());
        parse_request(which, body);
    } catch (const daemon::api_failure& refused) {
        must(refused.code() == daemon::api_errc::bad_request || refused.code() == daemon::api_errc::too_large,
             "a wrong request is the client's fault");
        must(std::string_view(refused.what()).find('\n') == std::string_view::npos, "an error is one line");
    }
}

void control_target(input from) {
    const auto text = from.text();
    must(control::percent_decoded(control::percent_encoded(text)) == text, "what is encoded decodes back");
    const auto parsed = control::parse_target(text);
    if (!parsed) return;
    for (const auto& segment : parsed->segments) must(!segment.empty(), "no empty segment");
    try {
        const persistence::login_record login;
        (void)daemon::parse_filter(parsed->query).lets_pass({.id = "reg-1", .login = login});
        (void)daemon::parse_connection_filter(parsed->query).lets_pass("", "", "[::1]:3260");
    } catch (const daemon::api_failure& refused) {
        must(refused.code() == daemon::api_errc::bad_request, "a wrong filter is the client's fault");
    }
}

void piped_ids(input from) {
    try {
        const auto kind = static_cast<cli::id_kind>(from.below(5));
        const auto ids = cli::ids_in(from.text(), kind);
        must(ids.size() <= from.rest().size(), "no more ids than bytes");
    } catch (const cli::command_error& refused) {
        must(refused.code() == cli::exit_code::usage, "wrong input is a wrong use");
    }
}

void table_rows(input from) {
    switch (from.below(6)) {
        case 0:
            return check_row<persistence::registration>(persistence::registrations_shape, from);
        case 1:
            return check_row<persistence::stored_session>(persistence::live_sessions_shape, from);
        case 2:
            return check_row<persistence::sealed_secret>(persistence::secrets_shape, from);
        case 3:
            return check_row<persistence::boot_row>(persistence::boot_shape, from);
        case 4:
            return check_row<persistence::stored_portal>(persistence::portals_shape, from);
        default:
            return check_row<persistence::stored_place>(persistence::places_shape, from);
    }
}

}  // namespace persiscsi::fuzz
