// SPDX-License-Identifier: Apache-2.0
#include "daemon/table_document.hpp"

#include "daemon/api_failure.hpp"
#include "daemon/json_fields.hpp"
#include "daemon/login_translation.hpp"
#include "daemon/names.hpp"
#include "daemon/replies.hpp"
#include "daemon/requests.hpp"

#include <openssl/evp.h>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

constexpr std::string_view format_name = "persiscsi-table";
constexpr std::int64_t format_version = 1;
constexpr std::int64_t latest_time = 253402300799000000;  // microseconds; the year 9999
constexpr std::size_t longest_sealed = 8192;              // base64

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP adds a NUL
    const auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                        reinterpret_cast<const unsigned char*>(bytes.data()),
                                        static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::string base64_field(const json_fields& fields, std::string_view name) {
    const auto text = fields.required_text(name, longest_sealed);
    std::string bytes(text.size(), '\0');
    const auto length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                        reinterpret_cast<const unsigned char*>(text.data()),
                                        static_cast<int>(text.size()));
    const auto padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    bytes.resize(length > padding ? static_cast<std::size_t>(length - padding) : 0);
    if (base64(bytes) != text) fields.refuse(name, "is not base64");
    return bytes;
}

std::int64_t microseconds(persistence::timestamp when) {
    return when.time_since_epoch().count();
}

std::optional<persistence::timestamp> time_field(const json_fields& fields) {
    const auto given = fields.number("created_us", 0, latest_time);
    if (!given) return std::nullopt;
    return persistence::timestamp(std::chrono::microseconds(*given));
}

persistence::sealed_copy secret_of(const json::value& from) {
    const json_fields fields(from, "secret");
    persistence::sealed_copy copy;
    copy.shown.name = fields.required_text("name", max_secret_name);
    if (!is_secret_name(copy.shown.name)) fields.refuse("name", "is not a secret's name");
    copy.shown.chap_name = fields.required_text("chap_name", 255);
    copy.shown.created_at = time_field(fields).value_or(persistence::timestamp{});
    copy.key_id = base64_field(fields, "key_id");
    copy.sealed = base64_field(fields, "sealed");
    return copy;
}

persistence::login_record portal_of_item(const json::value& from) {
    auto login = parse_stored_login(from, true, "portal");
    check_discovery(login);
    return login;
}

stored_registration registration_of_item(const json::value& from) {
    stored_registration found{parse_stored_login(from, false, "registration"), std::nullopt};
    check_login(found.login);
    found.created_at = time_field(json_fields(from, "registration"));
    return found;
}

std::string name_of_item(const json::value& item, std::string_view member, std::size_t number) {
    const auto* object = item.if_object();
    const auto* named = object != nullptr ? object->if_contains(member) : nullptr;
    const auto* text = named != nullptr ? named->if_string() : nullptr;
    if (text == nullptr) return "item " + std::to_string(number);
    return std::string(std::string_view(*text).substr(0, max_secret_name));
}

template <class Value>
std::vector<document_item<Value>> items_of(const json_fields& document,
                                           std::string_view list,
                                           std::string_view member,
                                           Value (*read)(const json::value&)) {
    const auto* found = document.any(list);
    if (found == nullptr || !found->is_array()) document.refuse(list, "is not an array");
    if (found->get_array().size() > max_table_items)
        document.refuse(list, "has more than " + std::to_string(max_table_items) + " items");
    std::vector<document_item<Value>> all;
    for (const auto& item : found->get_array()) {
        document_item<Value> one;
        one.id = name_of_item(item, member, all.size() + 1);
        try {
            one.value = read(item);
        } catch (const api_failure& failure) {
            one.fault = failure.what();
        }
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace

json::object document_json(const table_copy& copy) {
    json::array secrets;
    for (const auto& one : copy.secrets)
        secrets.push_back(json::object{{"name", one.shown.name},
                                       {"chap_name", one.shown.chap_name},
                                       {"created_us", microseconds(one.shown.created_at)},
                                       {"key_id", base64(one.key_id)},
                                       {"sealed", base64(one.sealed)}});
    json::array portals;
    for (const auto& one : copy.portals) portals.push_back(login_json(one.login));
    json::array registrations;
    for (const auto& one : copy.registrations) {
        auto login = login_json(one.login);
        login["id"] = to_string(one.id);
        login["created_us"] = microseconds(one.created_at);
        registrations.push_back(std::move(login));
    }
    return {{"format", format_name},
            {"version", format_version},
            {"secrets", std::move(secrets)},
            {"portals", std::move(portals)},
            {"registrations", std::move(registrations)}};
}

import_request parse_import(const json::value& body) {
    const json_fields fields(body, "import request");
    const auto* given = fields.any("document");
    if (given == nullptr) fields.refuse("document", "is missing");
    const json_fields document(*given, "table document");
    if (document.text("format", 64) != std::string(format_name)) document.refuse("format", "is not persiscsi-table");
    if (document.number("version", 1, format_version) != format_version) document.refuse("version", "is missing");
    import_request parsed;
    parsed.secrets = items_of(document, "secrets", "name", secret_of);
    parsed.portals = items_of(document, "portals", "portal", portal_of_item);
    parsed.registrations = items_of(document, "registrations", "id", registration_of_item);
    parsed.atomic = fields.flag("atomic");
    parsed.dry_run = fields.flag("dry_run");
    parsed.replace = fields.flag("replace");
    return parsed;
}

}  // namespace persiscsi::daemon
