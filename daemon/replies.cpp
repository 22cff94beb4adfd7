// SPDX-License-Identifier: Apache-2.0
#include "daemon/replies.hpp"

#include "daemon/names.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

json::value recovery_json(const persistence::recovery_wish& wish) {
    if (wish.policy == persistence::recovery_policy::fail_after)
        return json::object{{"fail_after", wish.limit.count()}};
    return json::value(to_string(wish.policy));
}

json::array parameters_json(const persistence::key_values& pairs) {
    json::array all;
    for (const auto& [key, value] : pairs) all.push_back(json::object{{"key", key}, {"value", value}});
    return all;
}

json::object labels_json(const persistence::key_values& pairs) {
    json::object all;
    for (const auto& [key, value] : pairs) all[key] = value;
    return all;
}

// Paths, never what is in the files.
json::value tls_json(const persistence::tls_wish& tls) {
    if (!tls.enabled) return nullptr;
    return json::object{{"verify", tls.verify},
                        {"ca", text_or_null(tls.ca)},
                        {"certificate", text_or_null(tls.certificate)},
                        {"key", text_or_null(tls.key)},
                        {"server_name", text_or_null(tls.server_name)}};
}

json::value negotiated_json(const std::optional<negotiated>& agreed) {
    if (!agreed) return nullptr;
    return json::object{
        {"max_send_data_segment_length", agreed->max_send_data_segment_length},
        {"max_recv_data_segment_length", agreed->max_recv_data_segment_length},
        {"max_burst_length", agreed->max_burst_length},
        {"first_burst_length", agreed->first_burst_length},
        {"max_outstanding_r2t", agreed->max_outstanding_r2t},
        {"max_connections", agreed->max_connections},
        {"default_time2wait", agreed->default_time2wait},
        {"default_time2retain", agreed->default_time2retain},
        {"error_recovery_level", agreed->error_recovery_level},
        {"initial_r2t", agreed->initial_r2t},
        {"immediate_data", agreed->immediate_data},
        {"data_pdu_in_order", agreed->data_pdu_in_order},
        {"data_sequence_in_order", agreed->data_sequence_in_order},
        {"target_alias", text_or_null(agreed->target_alias)},
        {"task_reporting", name_of(agreed->task_reporting)},
        {"iscsi_protocol_level", agreed->iscsi_protocol_level},
        {"target_portal_group_tag",
         agreed->target_portal_group_tag ? json::value(*agreed->target_portal_group_tag) : json::value()},
        {"chap_algorithm", agreed->algorithm ? json::value(static_cast<unsigned>(*agreed->algorithm)) : json::value()}};
}

std::size_t connections_up(const kept_session& session) {
    if (!session.wire) return 0;
    const auto all = session.wire->connections();
    return static_cast<std::size_t>(std::ranges::count_if(all, &connection_view::logged_in));
}

json::value counters_json(const kept_session& session) {
    if (!session.wire) return nullptr;
    const auto counters = session.wire->counters();
    return json::object{{"logins", counters.logins},
                        {"connection_logins", counters.connection_logins},
                        {"connections_recovered", counters.connections_recovered},
                        {"tasks_reassigned", counters.tasks_reassigned},
                        {"commands_retried", counters.commands_retried},
                        {"snacks", counters.snacks}};
}

// The words of the Windows module for AuthMethod.
std::string_view authentication_type(const std::optional<negotiated>& agreed) {
    if (!agreed || agreed->auth_method == "None") return "NONE";
    return agreed->auth_method == "CHAP" ? "ONEWAYCHAP" : "MUTUALCHAP";
}

json::value host_of(const json::value& endpoint) {
    const auto parsed = endpoint.is_string() ? parse_portal_address(endpoint.get_string()) : std::nullopt;
    return parsed ? json::value(parsed->host) : json::value();
}

// The same facts under the names of the Windows module's session object.
void add_windows_fields(json::object& fields, const std::optional<negotiated>& agreed) {
    fields["authentication_type"] = authentication_type(agreed);
    fields["initiator_node_address"] = fields["initiator_name"];
    fields["target_node_address"] = fields["target"];
    fields["initiator_instance_name"] = "persiscsid";
    fields["initiator_portal_address"] = host_of(fields["local_address"]);
    fields["initiator_side_identifier"] = fields["isid"];
    fields["target_side_identifier"] = fields["tsih"];
    fields["is_connected"] = fields["state"] == "logged_in";
    fields["is_persistent"] = fields["registered"];
    fields["is_multipath_enabled"] = false;  // each session stands for itself
    fields["is_header_digest"] = fields["header_digest"];
    fields["is_data_digest"] = fields["data_digest"];
    fields["number_of_connections"] = fields["connections"];
    fields["session_identifier"] = fields["id"];
}

}  // namespace

std::string time_text(persistence::timestamp when) {
    const auto seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    if (::gmtime_r(&seconds, &parts) == nullptr) return {};
    char text[32];
    const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text, length};
}

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value() : json::value(text);
}

json::object login_json(const persistence::login_record& login) {
    return {{"target", text_or_null(login.target)},
            {"portal", to_string(portal_of(login))},
            {"initiator_name", login.initiator_name},
            {"isid", isid_text(login.isid)},
            {"chap_secret", text_or_null(login.chap_secret)},
            {"mutual_secret", text_or_null(login.mutual_secret)},
            {"header_digest", to_string(login.header_digest)},
            {"data_digest", to_string(login.data_digest)},
            {"tls", login.tls.enabled},
            {"tls_options", tls_json(login.tls)},
            {"connections", login.connections},
            {"parameters", parameters_json(login.parameters)},
            {"recovery", recovery_json(login.recovery)},
            {"interface", text_or_null(login.interface_address)},
            {"owner", login.owner},
            {"labels", parameters_json(login.labels)}};  // an object would not keep order and repetitions
}

json::object session_json(const kept_session& session, const table_view& view) {
    const auto registration = view.registration_of(session.id);
    const auto agreed = session.wire ? session.wire->agreed() : std::nullopt;
    const auto ends = session.wire ? session.wire->endpoints() : std::nullopt;
    const auto& login = session.login;
    json::object fields{{"id", to_string(session.id)},
                        {"target", login.target},
                        {"portal", to_string(portal_of(login))},
                        {"state", to_string(session.state())},
                        {"registered", registration.has_value()},
                        {"registration_id", registration ? json::value(to_string(*registration)) : json::value()},
                        {"initiator_name", login.initiator_name},
                        {"isid", isid_text(login.isid)},
                        {"tsih", agreed ? json::value(static_cast<unsigned>(agreed->tsih)) : json::value()},
                        {"auth_method", agreed ? json::value(agreed->auth_method) : json::value()},
                        {"header_digest", agreed && agreed->header_digest},
                        {"data_digest", agreed && agreed->data_digest},
                        {"tls", login.tls.enabled},
                        {"tls_options", tls_json(login.tls)},
                        {"negotiated", negotiated_json(agreed)},
                        {"local_address", ends ? json::value(ends->local) : json::value()},
                        {"remote_address", ends ? json::value(ends->remote) : json::value()},
                        {"connections", connections_up(session)},
                        {"logins", session.wire ? session.wire->logins() : 0},
                        {"recovery_counters", counters_json(session)},
                        {"last_error", text_or_null(session.last_error())},
                        {"created_at", time_text(session.created_at)},
                        {"owner", login.owner},
                        {"labels", labels_json(login.labels)}};
    fields["is_discovered"] = view.discovered.contains(lowered(login.target));
    add_windows_fields(fields, agreed);
    return fields;
}

json::object registration_json(const persistence::registration& registration,
                               std::optional<persistence::session_id> fulfilled_by,
                               const kept_session* live,
                               std::string_view boot_id) {
    json::object fields{{"id", to_string(registration.id)}};
    for (auto& [name, value] : login_json(registration.login)) fields[name] = std::move(value);
    fields["labels"] = labels_json(registration.login.labels);
    fields["created_at"] = time_text(registration.created_at);
    fields["disconnected_by_hand"] = registration.disconnected_in == boot_id;
    fields["session_id"] = fulfilled_by ? json::value(to_string(*fulfilled_by)) : json::value();
    fields["state"] = live != nullptr ? json::value(to_string(live->state())) : json::value();
    return fields;
}

json::array connections_json(const kept_session& session) {
    json::array all;
    if (!session.wire) return all;
    for (const auto& one : session.wire->connections()) {
        if (!one.ends) continue;
        all.push_back(json::object{{"id", to_string(session.id) + ":" + std::to_string(one.cid)},
                                   {"session_id", to_string(session.id)},
                                   {"cid", one.cid},
                                   {"local_address", one.ends->local},
                                   {"remote_address", one.ends->remote},
                                   {"state", one.logged_in ? "logged_in" : "connecting"}});
    }
    return all;
}

json::object portal_json(const persistence::discovery_portal& portal, std::size_t places) {
    const auto& login = portal.login;
    const bool answered = portal.answered_at != persistence::timestamp{};
    return {{"portal", to_string(portal_of(login))},
            {"initiator_name", login.initiator_name},
            {"interface", text_or_null(login.interface_address)},
            {"chap_secret", text_or_null(login.chap_secret)},
            {"mutual_secret", text_or_null(login.mutual_secret)},
            {"header_digest", to_string(login.header_digest)},
            {"data_digest", to_string(login.data_digest)},
            {"parameters", parameters_json(login.parameters)},
            {"owner", login.owner},
            {"labels", labels_json(login.labels)},
            {"created_at", time_text(portal.created_at)},
            {"answered_at", answered ? json::value(time_text(portal.answered_at)) : json::value()},
            {"last_error", text_or_null(portal.last_error)},
            {"places", places},
            {"target_portal_address", login.portal_host},
            {"target_portal_port_number", login.portal_port},
            {"initiator_portal_address", text_or_null(login.interface_address)},
            {"is_header_digest", login.header_digest != persistence::digest_wish::none},
            {"is_data_digest", login.data_digest != persistence::digest_wish::none}};
}

json::array targets_json(const std::vector<discovered_target>& told) {
    json::array all;
    for (const auto& target : told) {
        json::array portals;
        for (const auto& at : target.portals)
            portals.push_back(json::object{{"address", to_string(portal_address{at.address.host, at.address.port})},
                                           {"portal_group_tag", at.portal_group_tag}});
        all.push_back(json::object{{"target", target.name}, {"portals", std::move(portals)}});
    }
    return all;
}

json::object secret_json(const listed_secret& secret) {
    return {{"name", secret.row.name},
            {"chap_name", secret.row.chap_name},
            {"used_by", texts_json(secret.used_by)},
            {"created_at", time_text(secret.row.created_at)}};
}

json::object damaged_json(const persistence::damaged_row& row) {
    return {{"table", row.table}, {"id", row.id}, {"reason", row.reason}};
}

}  // namespace persiscsi::daemon
