// SPDX-License-Identifier: Apache-2.0
// What the table keeps and what it refuses, and the text form of pairs.
#include "persistence/record_rows.hpp"

#include <charconv>
#include <span>

namespace persiscsi::persistence {
namespace {

constexpr unsigned isid_bits = 48;

std::string text_fault(std::string_view field, std::string_view text, std::size_t limit = max_text_bytes) {
    if (text.size() <= limit) return {};
    return std::string(field) + " has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(limit);
}

std::string required_fault(std::string_view field, std::string_view text) {
    return text.empty() ? std::string(field) + " is empty" : text_fault(field, text);
}

std::string pairs_fault(std::string_view field, const key_values& pairs) {
    if (pairs.size() > max_pairs) {
        return std::to_string(pairs.size()) + ' ' + std::string(field) + ", at most " + std::to_string(max_pairs);
    }
    for (const auto& [key, value] : pairs) {
        if (auto fault = text_fault(field, key); !fault.empty()) return fault;
        if (auto fault = text_fault(field, value); !fault.empty()) return fault;
    }
    return {};
}

std::string number_fault(const login_record& login) {
    if (login.portal_port == 0) return "portal port is 0";
    if (login.connections == 0) return "connections is 0";
    if ((login.isid >> isid_bits) != 0) return "isid has more than 48 bits";
    const auto limit = login.recovery.limit.count();
    const bool timed = login.recovery.policy == recovery_policy::fail_after;
    if (timed ? limit <= 0 : limit != 0) {
        return "recovery limit of " + std::to_string(limit) + " s with " +
               std::string(to_string(login.recovery.policy));
    }
    return {};
}

std::string tls_fault(const tls_wish& tls) {
    if (!tls.enabled && tls != tls_wish{}) return "options of TLS without TLS";
    if (tls.certificate.empty() != tls.key.empty()) return "tls certificate and tls key belong together";
    return {};
}

std::string enum_fault(const login_record& login) {
    if (!parse_digest_wish(to_string(login.header_digest))) return "header digest is no digest";
    if (!parse_digest_wish(to_string(login.data_digest))) return "data digest is no digest";
    if (!parse_recovery_policy(to_string(login.recovery.policy))) return "recovery policy is no policy";
    return {};
}

// One netstring off the front of the text.
std::optional<std::string> take_netstring(std::string_view& text) {
    std::size_t size = 0;
    if (text.starts_with('0') && !text.starts_with("0:")) return std::nullopt;  // never written so
    const auto [colon, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(colon - text.data()));
    if (text.empty() || text.front() != ':' || size > max_text_bytes) return std::nullopt;
    text.remove_prefix(1);
    if (text.size() <= size || text[size] != ',') return std::nullopt;
    std::string taken(text.substr(0, size));
    text.remove_prefix(size + 1);
    return taken;
}

void append_netstring(std::string& out, std::string_view text) {
    (((out += std::to_string(text.size())) += ':') += text) += ',';
}

std::string first_of(std::span<const std::string> faults) {
    for (const auto& fault : faults) {
        if (!fault.empty()) return fault;
    }
    return {};
}

// All but the target.
std::string way_fault(const login_record& login) {
    const std::string faults[] = {
        required_fault("portal host", login.portal_host),
        required_fault("initiator name", login.initiator_name),
        text_fault("chap secret", login.chap_secret),
        text_fault("mutual secret", login.mutual_secret),
        text_fault("interface address", login.interface_address),
        text_fault("owner", login.owner),
        text_fault("tls ca", login.tls.ca),
        text_fault("tls certificate", login.tls.certificate),
        text_fault("tls key", login.tls.key),
        text_fault("tls server name", login.tls.server_name),
        pairs_fault("parameters", login.parameters),
        pairs_fault("labels", login.labels),
        number_fault(login),
        enum_fault(login),
        tls_fault(login.tls),
    };
    return first_of(faults);
}

}  // namespace

std::string login_fault(const login_record& login) {
    const std::string faults[] = {required_fault("target", login.target), way_fault(login)};
    return first_of(faults);
}

std::string portal_fault(const login_record& discovery) {
    if (!discovery.target.empty()) return "a discovery portal has no target";
    return way_fault(discovery);
}

std::string place_fault(const target_place& place) {
    if (place.port == 0) return "port is 0";
    const std::string faults[] = {required_fault("target", place.target), required_fault("host", place.host)};
    return first_of(faults);
}

std::string name_fault(std::string_view name) {
    return required_fault("name", name);
}

std::string pack_pairs(const key_values& pairs) {
    std::string out;
    for (const auto& [key, value] : pairs) {
        append_netstring(out, key);
        append_netstring(out, value);
    }
    return out;
}

std::optional<key_values> unpack_pairs(std::string_view text) {
    key_values pairs;
    while (!text.empty()) {
        auto key = take_netstring(text);
        auto value = key ? take_netstring(text) : std::nullopt;
        if (!value) return std::nullopt;
        pairs.emplace_back(*std::move(key), *std::move(value));
    }
    return pairs;
}

}  // namespace persiscsi::persistence
