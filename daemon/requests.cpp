// SPDX-License-Identifier: Apache-2.0
#include "daemon/requests.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/json_fields.hpp"
#include "persistence/errors.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t max_free_text = 1024;  // owner
constexpr std::size_t max_portal = 300;      // "[host]:65535"
constexpr std::size_t max_list_parameters = 64;
constexpr std::size_t max_path = 4096;
constexpr std::int64_t longest_fail_after = 365LL * 24 * 3600;  // seconds

portal_address portal_field(const json_fields& fields) {
    const auto text = fields.required_text("portal", max_portal);
    auto portal = parse_portal_address(text);
    if (!portal) fields.refuse("portal", "is not HOST:PORT (IPv6 in brackets, port 1 to 65535)");
    return std::move(*portal);
}

persistence::digest_wish digest_field(const json_fields& fields, std::string_view name) {
    const auto text = fields.text(name, 16);
    if (!text) return persistence::digest_wish::none;
    const auto wish = persistence::parse_digest_wish(*text);
    if (!wish) fields.refuse(name, "is not none, crc32c or prefer");
    return *wish;
}

persistence::recovery_wish recovery_field(const json_fields& fields) {
    const auto* given = fields.any("recovery");
    if (given == nullptr) return {};
    if (given->is_object()) {
        const auto limit = json_fields(*given, "\"recovery\"").number("fail_after", 1, longest_fail_after);
        if (!limit) fields.refuse("recovery", "has no \"fail_after\"");
        return {persistence::recovery_policy::fail_after, std::chrono::seconds(*limit)};
    }
    const auto policy = persistence::parse_recovery_policy(fields.text("recovery", 32).value_or(""));
    if (!policy || *policy == persistence::recovery_policy::fail_after)
        fields.refuse("recovery", "is not wait_for_ever, fail_at_once or {\"fail_after\": seconds}");
    return {*policy, std::chrono::seconds(0)};
}

persistence::tls_wish tls_field(const json_fields& fields) {
    persistence::tls_wish tls;
    tls.enabled = fields.flag("tls");
    const auto* given = fields.any("tls_options");
    if (given == nullptr) return tls;
    if (!tls.enabled) fields.refuse("tls_options", "needs \"tls\": true");
    const json_fields options(*given, "\"tls_options\"");
    tls.verify = options.any("verify") == nullptr || options.flag("verify");
    tls.ca = options.text("ca", max_path).value_or("");
    tls.certificate = options.text("certificate", max_path).value_or("");
    tls.key = options.text("key", max_path).value_or("");
    tls.server_name = options.text("server_name", max_host).value_or("");
    return tls;
}

std::string secret_name_field(const json_fields& fields, std::string_view name) {
    auto text = fields.text(name, max_secret_name);
    if (!text || text->empty()) return {};
    if (!is_secret_name(*text)) fields.refuse(name, "is not a secret's name");
    return std::move(*text);
}

std::optional<inline_secret> inline_secret_field(json::value& body, std::string_view name) {
    auto* object = body.if_object();
    auto* given = object != nullptr ? object->if_contains(name) : nullptr;
    if (given == nullptr || given->is_null()) return std::nullopt;
    return parse_secret(*given, name);
}

void take_inline_secrets(json::value& body, login_request& into) {
    into.chap = inline_secret_field(body, "chap");
    into.mutual = inline_secret_field(body, "mutual_chap");
}

void set_portal(persistence::login_record& login, portal_address portal) {
    login.portal_host = std::move(portal.host);
    login.portal_port = portal.port;
}

/// All but target and portal.
void read_login(const json_fields& fields, const std::string& default_initiator_name, login_request& into) {
    auto& login = into.login;
    login.initiator_name = fields.text("initiator_name", max_iscsi_name).value_or(default_initiator_name);
    login.interface_address = fields.text("interface", max_host).value_or("");
    login.chap_secret = secret_name_field(fields, "chap_secret");
    login.mutual_secret = secret_name_field(fields, "mutual_secret");
    if (into.chap && !login.chap_secret.empty()) fields.refuse("chap", "and \"chap_secret\" exclude each other");
    if (into.mutual && !login.mutual_secret.empty())
        fields.refuse("mutual_chap", "and \"mutual_secret\" exclude each other");
    login.header_digest = digest_field(fields, "header_digest");
    login.data_digest = digest_field(fields, "data_digest");
    login.parameters = fields.pairs("parameters", max_list_parameters);
    login.connections = static_cast<std::uint16_t>(fields.number("connections", 1, 65535).value_or(1));
    login.recovery = recovery_field(fields);
    login.owner = fields.text("owner", max_free_text).value_or("");
    login.labels = fields.pairs("labels", max_list_parameters);
    login.tls = tls_field(fields);
    into.dry_run = fields.flag("dry_run");
}

std::uint64_t isid_field(const json_fields& fields) {
    const auto text = fields.required_text("isid", 14);
    std::uint64_t isid = 0;
    const auto digits = std::string_view(text).substr(std::min<std::size_t>(text.size(), 2));
    std::from_chars(digits.data(), digits.data() + digits.size(), isid, 16);
    if (isid_text(isid) != text) fields.refuse("isid", "is not 0x and 12 hexadecimal digits in lower case");
    return isid;
}

void check_scope(const json_fields& fields, bool any_ids, bool any_scope) {
    if (any_ids && any_scope) fields.refuse("ids", "cannot be combined with all, target, portal or orphans");
    if (!any_ids && !any_scope) fields.refuse("ids", "is missing, and nothing else says what is meant");
}

}  // namespace

inline_secret parse_secret(json::value& body, std::string_view what) {
    const json_fields fields(body, std::string(what));
    inline_secret parsed;
    auto* object = body.if_object();
    auto* value = object != nullptr ? object->if_contains("secret") : nullptr;
    auto* text = value != nullptr ? value->if_string() : nullptr;
    if (text == nullptr || text->empty()) fields.refuse("secret", "is missing, empty or not a string");
    parsed.value = secret(std::string_view(text->data(), text->size()));
    OPENSSL_cleanse(text->data(), text->size());
    if (parsed.value.size() > persistence::max_secret_bytes)
        fields.refuse("secret", "is longer than " + std::to_string(persistence::max_secret_bytes) + " bytes");
    const auto* name = fields.any("chap_name");
    parsed.chap_name = fields.required_text(name != nullptr ? "chap_name" : "name", 255);
    return parsed;
}

persistence::login_record with_unnamed_secrets(const login_request& request) {
    constexpr std::string_view unnamed = "auto-";
    auto login = request.login;
    if (request.chap) login.chap_secret = unnamed;
    if (request.mutual) login.mutual_secret = unnamed;
    return login;
}

persistence::login_record parse_stored_login(const json::value& from, bool of_portal, const std::string& what) {
    const json_fields fields(from, what);
    login_request parsed;
    if (!of_portal) parsed.login.target = fields.required_text("target", max_iscsi_name);
    set_portal(parsed.login, of_portal ? lowered(portal_field(fields)) : portal_field(fields));
    read_login(fields, {}, parsed);
    parsed.login.isid = isid_field(fields);
    return std::move(parsed.login);
}

connect_request parse_connect(json::value& body, const std::string& default_initiator_name) {
    connect_request parsed;
    take_inline_secrets(body, parsed);
    const json_fields fields(body, "connect request");
    parsed.login.target = fields.required_text("target", max_iscsi_name);
    if (fields.any("portal") != nullptr) set_portal(parsed.login, portal_field(fields));
    read_login(fields, default_initiator_name, parsed);
    parsed.sessions = fields.number("sessions", 1, max_sessions_a_request).value_or(1);
    parsed.register_them = fields.flag("register");
    parsed.another = fields.flag("another");
    return parsed;
}

add_portal_request parse_add_portal(json::value& body, const std::string& default_initiator_name) {
    add_portal_request parsed;
    take_inline_secrets(body, parsed);
    const json_fields fields(body, "add portal request");
    set_portal(parsed.login, lowered(portal_field(fields)));
    read_login(fields, default_initiator_name, parsed);
    parsed.ask = fields.any("ask") == nullptr || fields.flag("ask");
    return parsed;
}

portals_request parse_portals(const json::value& body, const std::string& what) {
    const json_fields fields(body, what);
    portals_request parsed{fields.texts("portals", max_items), fields.flag("all"), fields.flag("dry_run")};
    if (parsed.all && !parsed.portals.empty()) fields.refuse("portals", "cannot be combined with all");
    if (!parsed.all && parsed.portals.empty()) fields.refuse("portals", "is missing, and \"all\" is not said");
    return parsed;
}

disconnect_request parse_disconnect(const json::value& body) {
    const json_fields fields(body, "disconnect request");
    disconnect_request parsed{fields.texts("ids", max_items),
                              fields.flag("all"),
                              fields.text("target", max_iscsi_name),
                              fields.flag("unregister"),
                              fields.flag("dry_run"),
                              fields.flag("pass_thru")};
    check_scope(fields, !parsed.ids.empty(), parsed.all || parsed.target);
    return parsed;
}

register_request parse_register(const json::value& body) {
    const json_fields fields(body, "register request");
    register_request parsed{fields.texts("ids", max_items),
                            fields.number("sessions", 1, max_sessions_a_request).value_or(1),
                            fields.flag("atomic"),
                            fields.flag("dry_run"),
                            fields.flag("pass_thru")};
    check_scope(fields, !parsed.ids.empty(), false);
    return parsed;
}

unregister_request parse_unregister(const json::value& body) {
    const json_fields fields(body, "unregister request");
    unregister_request parsed;
    parsed.ids = fields.texts("ids", max_items);
    parsed.all = fields.flag("all");
    parsed.orphans = fields.flag("orphans");
    parsed.target = fields.text("target", max_iscsi_name);
    if (fields.any("portal") != nullptr) parsed.portal = portal_field(fields);
    parsed.strict = fields.flag("strict");
    parsed.atomic = fields.flag("atomic");
    parsed.dry_run = fields.flag("dry_run");
    parsed.pass_thru = fields.flag("pass_thru");
    check_scope(fields, !parsed.ids.empty(), parsed.all || parsed.orphans || parsed.target || parsed.portal);
    return parsed;
}

remove_secrets_request parse_remove_secrets(const json::value& body) {
    const json_fields fields(body, "remove secrets request");
    remove_secrets_request parsed{fields.texts("names", max_items), fields.flag("dry_run")};
    if (parsed.names.empty()) fields.refuse("names", "is missing");
    return parsed;
}

}  // namespace persiscsi::daemon
