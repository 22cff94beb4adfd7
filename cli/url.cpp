// SPDX-License-Identifier: Apache-2.0
#include "cli/url.hpp"

#include "cli/command_error.hpp"
#include "cli/printable.hpp"
#include "initiator/login/iscsi_name.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace persiscsi::cli {
namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_user = 255;
constexpr std::size_t longest_id = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A part of the operand and where it stands in it, so that every complaint can name the place.
struct piece {
    std::string_view text;
    std::size_t offset;

    [[nodiscard]] piece from(std::size_t n) const { return {text.substr(n), offset + n}; }
    [[nodiscard]] piece first(std::size_t n) const { return {text.substr(0, n), offset}; }
};

[[noreturn]] void complain(const std::string& reason, std::size_t offset) {
    throw usage_error(reason + " (character " + std::to_string(offset + 1) + ")");
}

std::uint32_t parse_number(piece in, std::uint32_t lowest, std::uint32_t highest, const std::string& what) {
    std::uint32_t value = 0;
    const auto* end = in.text.data() + in.text.size();
    const auto [stop, error] = std::from_chars(in.text.data(), end, value);
    if (in.text.empty() || stop != end || error != std::errc{} || value < lowest || value > highest)
        complain(what + " " + in_quotes(in.text) + " is not a number from " + std::to_string(lowest) + " to " +
                     std::to_string(highest),
                 in.offset);
    return value;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(piece in, const std::string& what) {
    std::string result;
    for (std::size_t i = 0; i < in.text.size(); ++i) {
        auto byte = static_cast<unsigned char>(in.text[i]);
        const auto start = i;
        if (byte == '%') {
            const int high = i + 2 < in.text.size() ? hex_value(in.text[i + 1]) : -1;
            const int low = i + 2 < in.text.size() ? hex_value(in.text[i + 2]) : -1;
            if (high < 0 || low < 0) complain("no two hexadecimal digits after % in the " + what, in.offset + i);
            byte = static_cast<unsigned char>(high * 16 + low);
            i += 2;
        }
        if (byte <= 0x20 || byte == 0x7f) complain("a space or control character in the " + what, in.offset + start);
        result += static_cast<char>(byte);
    }
    return result;
}

std::string parse_user(piece in) {
    if (const auto colon = in.text.find(':'); colon != in.text.npos)
        complain("a secret has no place in a URL: give it by --chap-secret-file", in.offset + colon);
    if (in.text.empty()) complain("the user before @ is empty", in.offset);
    auto user = percent_decoded(in, "user");
    if (user.size() > longest_user) complain("the user is longer than 255 bytes", in.offset);
    return user;
}

std::string parse_ipv6(piece in) {
    const auto zone = in.text.find('%');
    const std::string address(in.text.substr(0, zone));
    in6_addr parsed{};
    if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1)
        complain(in_quotes(in.text) + " is not an IPv6 address", in.offset);
    if (zone == in.text.npos) return address;
    auto name = in.text.substr(zone + 1);
    if (name.starts_with("25")) name.remove_prefix(2);  // RFC 6874: "%25" before the zone in a URL
    const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; };
    if (name.empty() || name.size() > 15 || !std::ranges::all_of(name, fits))
        complain("the zone of the IPv6 address is not an interface", in.offset + zone);
    return address + "%" + std::string(name);
}

std::string parse_host_name(piece in) {
    if (in.text.empty()) complain("the host is missing", in.offset);
    if (in.text.size() > longest_host) complain("the host is longer than 253 bytes", in.offset);
    bool numeric = true;
    for (std::size_t i = 0; i < in.text.size(); ++i) {
        const char c = in.text[i];
        if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '_')
            complain("a character that no host name has", in.offset + i);
        numeric = numeric && (is_digit(c) || c == '.');
    }
    in_addr parsed{};
    if (numeric && inet_pton(AF_INET, std::string(in.text).c_str(), &parsed) != 1)
        complain(in_quotes(in.text) + " is not an IPv4 address", in.offset);
    return std::string(in.text);
}

std::uint16_t parse_port(piece in) {
    return static_cast<std::uint16_t>(parse_number(in, 1, 65535, "port"));
}

portal parse_authority(piece in) {
    if (in.text.starts_with('[')) {
        const auto close = in.text.find(']');
        if (close == in.text.npos) complain("] is missing after the IPv6 address", in.offset + in.text.size());
        portal result{parse_ipv6(in.first(close).from(1)), 3260};
        const auto rest = in.from(close + 1);
        if (rest.text.starts_with(':'))
            result.port = parse_port(rest.from(1));
        else if (!rest.text.empty())
            complain("only a :port may follow the ]", rest.offset);
        return result;
    }
    const auto colon = in.text.find(':');
    if (colon != in.text.rfind(':')) complain("an IPv6 address must stand in brackets", in.offset);
    portal result{parse_host_name(in.first(colon)), 3260};
    if (colon != in.text.npos) result.port = parse_port(in.from(colon + 1));
    return result;
}

std::uint16_t parse_lun(piece in) {
    return static_cast<std::uint16_t>(parse_number(in, 0, highest_lun, "LUN"));
}

void parse_path(piece in, target_url& into) {
    if (in.text.empty()) complain("the target's name is missing: /iqn… after the host", in.offset);
    const auto path = in.from(1);
    const auto slash = path.text.find('/');
    into.target = percent_decoded(path.first(slash), "target's name");
    if (into.target.empty()) complain("the target's name is missing", path.offset);
    try {
        check_iscsi_name(into.target, "target");
    } catch (const command_error& error) {
        complain(error.what(), path.offset);
    }
    if (slash != path.text.npos) into.lun = parse_lun(path.from(slash + 1));
}

session_place parse_session_place(piece in) {
    const auto slash = in.text.find('/');
    const auto id = in.first(slash);
    if (id.text.empty()) complain("the session id is missing", id.offset);
    if (id.text.size() > longest_id) complain("the session id is longer than 64 characters", id.offset);
    session_place result{std::string(id.text), {}};
    if (slash != in.text.npos) result.lun = parse_lun(in.from(slash + 1));
    return result;
}

}  // namespace

void check_iscsi_name(std::string_view name, const std::string& what) {
    if (const auto fault = iscsi_name_fault(name); !fault.empty()) throw usage_error(what + ": " + fault);
}

target_url parse_target_url(std::string_view text) {
    static constexpr std::string_view scheme = "iscsi://";
    if (text.size() > longest_url)
        throw usage_error("the URL is " + std::to_string(text.size()) + " bytes long, the most is 2048");
    if (!text.starts_with(scheme)) complain("a URL begins with iscsi://", 0);
    if (const auto query = text.find_first_of("?#"); query != text.npos)
        complain("a URL of ours has no ? or # part: login options are options of the command", query);
    const auto rest = piece{text, 0}.from(scheme.size());
    target_url result;
    const auto slash = rest.text.find('/');
    const auto at = rest.text.rfind('@');
    if (at != rest.text.npos && at > slash)  // a secret with a slash in it would be taken for a host and a target
        complain("an @ after the first /: a user ends before it, and a secret has no place in a URL", rest.offset + at);
    auto authority = rest.first(slash);
    if (at != rest.text.npos) {
        result.user = parse_user(authority.first(at));
        authority = authority.from(at + 1);
    }
    result.portal = parse_authority(authority);
    parse_path(slash == rest.text.npos ? rest.from(rest.text.size()) : rest.from(slash), result);
    return result;
}

place parse_place(std::string_view text) {
    static constexpr std::string_view scheme = "session:";
    if (!text.starts_with(scheme)) return parse_target_url(text);
    return parse_session_place(piece{text, 0}.from(scheme.size()));
}

portal parse_address(std::string_view text) {
    if (text.find('@') != text.npos) throw usage_error("an address has no user: give it by --chap-user");
    if (text.size() > longest_url) throw usage_error("the address is longer than 2048 bytes");
    in6_addr parsed{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &parsed) == 1) return {std::string(text), 3260};
    return parse_authority({text, 0});
}

std::string to_string(const target_url& url) {
    auto result = "iscsi://" + persiscsi::to_string(url.portal) + "/" + url.target;
    return url.lun ? result + "/" + std::to_string(*url.lun) : result;
}

std::string to_string(const place& where) {
    if (const auto* url = std::get_if<target_url>(&where)) return to_string(*url);
    const auto& session = std::get<session_place>(where);
    const auto result = "session:" + printable(session.id);
    return session.lun ? result + "/" + std::to_string(*session.lun) : result;
}

}  // namespace persiscsi::cli
