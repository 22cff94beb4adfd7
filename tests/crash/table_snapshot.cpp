// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/table_snapshot.hpp"

#include "persistence/login_rules.hpp"

#include <functional>
#include <sstream>

namespace persiscsi::persistence::testing {
namespace {

void print(std::ostream& out, const login_record& login) {
    out << ' ' << login.target << " isid " << login.isid << " secret " << login.chap_secret << " texts "
        << std::hash<std::string>{}(login.owner + pack_pairs(login.labels) + pack_pairs(login.parameters)) << " tls "
        << login.tls.enabled << login.tls.verify << login.tls.ca << login.tls.certificate << login.tls.key
        << login.tls.server_name << ';';
}

}  // namespace

std::string snapshot_of(const session_table& table) {
    std::ostringstream out;
    for (const auto& record : table.registrations()) {
        out << record.id << " disconnected in " << record.disconnected_in;
        print(out, record.login);
    }
    for (const auto& session : table.live_sessions()) {
        out << session.id << " of " << session.registration.value_or(registration_id{}) << " in " << session.boot_id;
        print(out, session.login);
    }
    for (const auto& row : table.secrets()) {
        out << "secret " << row.name << ' ' << row.chap_name << ' ';
        out << std::hash<std::string_view>{}(table.load_secret(row.name).value.reveal()) << ';';
    }
    for (const auto& portal : table.portals()) {
        out << "portal " << portal.login.portal_host << ' ' << portal.login.portal_port << ' ' << portal.last_error;
        print(out, portal.login);
    }
    for (const auto& seen : table.places())
        out << "place " << seen.place.target << ' ' << seen.place.host << ' ' << seen.place.port << ' '
            << seen.place.portal_group_tag << " by " << seen.portal_host << ' ' << (seen.last_seen > seen.first_seen)
            << ';';
    for (const auto& row : table.damaged_rows())
        out << "damaged " << row.table << ' ' << row.id << ' ' << row.reason << ';';
    auto text = out.str();
    std::erase(text, '\n');
    return text;
}

}  // namespace persiscsi::persistence::testing
