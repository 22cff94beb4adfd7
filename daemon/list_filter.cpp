// SPDX-License-Identifier: Apache-2.0
#include "daemon/list_filter.hpp"

#include "daemon/api_failure.hpp"
#include "persistence/errors.hpp"

#include <algorithm>
#include <charconv>

namespace persiscsi::daemon {
namespace {

constexpr std::size_t isid_digits = 12;

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view reason) {
    throw api_failure(
        api_errc::bad_request,
        "list: " + std::string(name) + " " + persistence::in_quotes(value) + " is not " + std::string(reason));
}

// Digits only, to the end.
std::optional<std::uint64_t> digits(std::string_view text, int base) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

portal_address portal_from(std::string_view text) {
    auto portal = parse_portal_address(text);
    if (!portal) refuse("portal", text, "HOST:PORT");
    return std::move(*portal);
}

std::string connection_from(std::string_view text) {
    const auto colon = text.find(':');
    const auto session = persistence::parse_session_id(text.substr(0, colon));
    const auto cid = colon == text.npos ? std::nullopt : digits(text.substr(colon + 1), 10);
    if (!session || !cid || *cid > 65535) refuse("connection", text, "a session id, a colon and a CID");
    return to_string(*session) + ":" + std::to_string(*cid);
}

std::uint64_t isid_from(std::string_view text) {
    const auto hex = text.substr(text.starts_with("0x") ? 2 : 0);
    const auto isid = hex.size() == isid_digits ? digits(hex, 16) : std::nullopt;
    if (!isid) refuse("isid", text, "12 hexadecimal digits");
    return *isid;
}

// "0100" could be meant either way, so it is neither.
std::uint16_t tsih_from(std::string_view text) {
    const bool hex = text.starts_with("0x");
    const auto tsih = digits(text.substr(hex ? 2 : 0), hex ? 16 : 10);
    if (!tsih || *tsih == 0 || *tsih > 65535 || (!hex && text.starts_with('0')))
        refuse("tsih", text, "a number from 1 to 65535, decimal or hexadecimal after 0x");
    return static_cast<std::uint16_t>(*tsih);
}

std::size_t count_from(std::string_view text) {
    const auto count = digits(text, 10);
    if (!count || *count > 65535) refuse("connections", text, "a number from 0 to 65535");
    return static_cast<std::size_t>(*count);
}

std::optional<boost::asio::ip::address> ip_address(const std::string& host) {
    boost::system::error_code error;
    auto address = boost::asio::ip::make_address(host, error);
    return error ? std::nullopt : std::optional(std::move(address));
}

std::optional<address_wish> parse_address(std::string_view text) {
    const auto parsed = parse_portal_address(text);
    auto address = parsed ? ip_address(parsed->host) : std::nullopt;
    if (!address) return std::nullopt;
    const bool has_port = text.starts_with('[') ? text.back() != ']' : std::ranges::count(text, ':') == 1;
    return address_wish{std::move(*address), has_port ? std::optional(parsed->port) : std::nullopt};
}

address_wish address_from(std::string_view text) {
    auto wish = parse_address(text);
    if (!wish) refuse("address", text, "an IP address, with or without port (IPv6 with a port in brackets)");
    return std::move(*wish);
}

template <class Wanted, class Matches>
bool one_of(const std::vector<Wanted>& wanted, Matches matches) {
    return wanted.empty() || std::ranges::any_of(wanted, matches);
}

}  // namespace

void refuse_filter(std::string_view name) {
    throw api_failure(api_errc::bad_request,
                      "list: this daemon has no filter " + persistence::in_quotes(name.substr(0, max_id)) +
                          "; without it the list would hold more than was asked for");
}

bool list_filter::lets_pass(const list_item& item) const {
    const auto& login = item.login;
    return one_of(ids, [&](const auto& wanted) { return wanted == item.id; }) &&
           one_of(targets, [&](const auto& wanted) { return same_name(wanted, login.target); }) &&
           one_of(portals,
                  [&](const auto& wanted) {
                      return wanted.port == login.portal_port && same_name(wanted.host, login.portal_host);
                  }) &&
           one_of(connections,
                  [&](const auto& wanted) {
                      return std::ranges::find(item.connections, wanted) != item.connections.end();
                  }) &&
           one_of(isids, [&](auto wanted) { return wanted == login.isid; }) &&
           one_of(tsihs, [&](auto wanted) { return item.tsih == wanted; }) &&
           one_of(connection_counts, [&](auto wanted) { return wanted == item.connection_count; });
}

list_filter parse_filter(const query_pairs& query) {
    list_filter filter;
    for (const auto& [name, value] : query) {
        if (name == "id")
            filter.ids.push_back(value);
        else if (name == "target")
            filter.targets.push_back(value);
        else if (name == "portal")
            filter.portals.push_back(portal_from(value));
        else if (name == "connection")
            filter.connections.push_back(connection_from(value));
        else if (name == "isid")
            filter.isids.push_back(isid_from(value));
        else if (name == "tsih")
            filter.tsihs.push_back(tsih_from(value));
        else if (name == "connections")
            filter.connection_counts.push_back(count_from(value));
        else
            refuse_filter(name);
    }
    return filter;
}

bool connection_filter::lets_pass(const std::string& session, std::string_view target, std::string_view remote) const {
    const auto end = addresses.empty() ? std::nullopt : parse_address(remote);
    return one_of(sessions, [&](const auto& wanted) { return wanted == session; }) &&
           one_of(targets, [&](const auto& wanted) { return same_name(wanted, target); }) &&
           one_of(addresses, [&](const auto& wanted) {
               return end && wanted.address == end->address && (!wanted.port || wanted.port == end->port);
           });
}

connection_filter parse_connection_filter(const query_pairs& query) {
    connection_filter filter;
    for (const auto& [name, value] : query) {
        if (name == "session")
            filter.sessions.push_back(value);
        else if (name == "target")
            filter.targets.push_back(value);
        else if (name == "address")
            filter.addresses.push_back(address_from(value));
        else
            refuse_filter(name);
    }
    return filter;
}

}  // namespace persiscsi::daemon
