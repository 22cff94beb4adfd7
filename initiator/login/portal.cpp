// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/login_options.hpp"
#include "initiator/login/text_values.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace persiscsi {
namespace {

constexpr std::size_t max_host = 255;  // RFC 1035 §2.3.4

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
}

bool is_address(int family, const std::string& text) {
    unsigned char address[sizeof(in6_addr)];
    return inet_pton(family, text.c_str(), address) == 1;
}

/// An IPv6 literal, maybe with the zone of a link-local address (RFC 4007 §11).
bool is_ipv6(std::string_view host) {
    const auto percent = host.find('%');
    if (!is_address(AF_INET6, std::string(host.substr(0, percent)))) return false;
    if (percent == std::string_view::npos) return true;
    const auto zone = host.substr(percent + 1);
    return !zone.empty() && std::all_of(zone.begin(), zone.end(), is_host_character);
}

/// A DNS name, or an IPv4 literal: whatever looks like the latter must be one.
bool is_name_or_ipv4(std::string_view host) {
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_character)) return false;
    if (host.front() == '-' || host.front() == '.') return false;
    return host.find_first_not_of("0123456789.") != std::string_view::npos || is_address(AF_INET, std::string(host));
}

/// Splits "host" or "[host]" off the front of `text`, which keeps the rest. None where it is no host.
std::optional<std::string> take_host(std::string_view& text) {
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) return std::nullopt;
    const auto host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
    if (host.size() > max_host || !(bracketed ? is_ipv6(host) : is_name_or_ipv4(host))) return std::nullopt;
    text.remove_prefix(bracketed ? end + 1 : end);
    return std::string(host);
}

}  // namespace

std::string to_string(const portal& portal) {
    const bool bracketed = portal.host.find(':') != std::string::npos;
    return (bracketed ? "[" + portal.host + "]" : portal.host) + ":" + std::to_string(portal.port);
}

std::optional<portal> parse_portal(std::string_view text, std::uint16_t default_port) {
    auto host = take_host(text);
    if (!host) return std::nullopt;
    if (text.empty()) return portal{*std::move(host), default_port};
    if (!text.starts_with(':')) return std::nullopt;
    const auto port = login::parse_binary_16(text.substr(1));
    if (!port || *port == 0) return std::nullopt;
    return portal{*std::move(host), *port};
}

std::optional<target_address> parse_target_address(std::string_view text) {
    const auto comma = text.find(',');
    const auto at = parse_portal(text.substr(0, comma));
    if (!at) return std::nullopt;
    if (comma == std::string_view::npos) return target_address{*at, std::nullopt};
    const auto tag = login::parse_binary_16(text.substr(comma + 1));
    if (!tag) return std::nullopt;
    return target_address{*at, tag};
}

}  // namespace persiscsi
