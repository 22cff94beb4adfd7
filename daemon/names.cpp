// SPDX-License-Identifier: Apache-2.0
#include "daemon/names.hpp"

#include "persistence/errors.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <span>
#include <system_error>
#include <unistd.h>

namespace persiscsi::daemon {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_host_character(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= max_host && std::ranges::all_of(host, is_host_character);
}

// The resolver judges the address itself; here only what could not be written back: brackets, slashes, spaces.
bool is_ipv6_text(std::string_view host) {
    return host.size() <= max_host && std::ranges::count(host, ':') >= 2 &&
           std::ranges::all_of(host, [](char c) { return is_host_character(c) || c == ':' || c == '%'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

void fill_random(std::span<unsigned char> into) {
    if (RAND_bytes(into.data(), static_cast<int>(into.size())) != 1)
        throw std::system_error(EAGAIN, std::generic_category(), "draw random bytes");
}

std::uint64_t random_number() {
    std::array<unsigned char, 8> bytes{};
    fill_random(bytes);
    std::uint64_t number = 0;
    for (const auto byte : bytes) number = number << 8U | byte;
    return number;
}

std::string hex(std::uint64_t number, std::size_t digits) {
    std::array<char, 16> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr;
    const auto length = static_cast<std::size_t>(end - text.data());
    return std::string(digits > length ? digits - length : 0, '0') + std::string(text.data(), length);
}

// Written beside and linked into place: a crash leaves either no file or a whole one, and of two writers one wins.
void keep_name(const std::filesystem::path& file, const std::string& name) {
    const auto fresh = file.native() + "." + hex(random_number(), 16);
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) throw persistence::system_failure(errno, "keep the initiator name in", file.native());
    const std::string line = name + "\n";
    const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(fd) == 0;
    const bool linked = written && (::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST);
    const int error = errno;
    ::close(fd);
    ::unlink(fresh.c_str());
    if (!linked) throw persistence::system_failure(error, "keep the initiator name in", file.native());
}

}  // namespace

std::optional<portal_address> parse_portal_address(std::string_view text) {
    std::string_view host = text;
    std::optional<std::string_view> port;
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        host = text.substr(1, close - 1);
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return std::nullopt;
        if (!rest.empty()) port = rest.substr(1);
    } else if (std::ranges::count(text, ':') == 1) {
        host = text.substr(0, text.find(':'));
        port = text.substr(text.find(':') + 1);
    }
    if (bracketed ? !is_ipv6_text(host) : !is_host_name(host) && !is_ipv6_text(host)) return std::nullopt;
    portal_address parsed{std::string(host)};
    if (!port) return parsed;
    const auto number = parse_port(*port);
    if (!number) return std::nullopt;
    parsed.port = *number;
    return parsed;
}

std::string to_string(const portal_address& portal) {
    const bool literal = portal.host.find(':') != std::string::npos;
    return (literal ? "[" + portal.host + "]" : portal.host) + ":" + std::to_string(portal.port);
}

portal_address portal_of(const persistence::login_record& login) {
    return {login.portal_host, login.portal_port};
}

std::string lowered(std::string name) {
    std::ranges::transform(name, name.begin(), lower);
    return name;
}

portal_address lowered(portal_address portal) {
    portal.host = lowered(std::move(portal.host));
    return portal;
}

bool is_iscsi_name(std::string_view name) {
    const auto type = name.substr(0, 4);
    if (name.size() > max_iscsi_name || name.size() < 5) return false;
    if (!same_name(type, "iqn.") && !same_name(type, "eui.") && !same_name(type, "naa.")) return false;
    return std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char left, char right) { return lower(left) == lower(right); });
}

bool same_place(const persistence::login_record& a, const persistence::login_record& b) {
    return same_name(a.target, b.target) && same_name(a.portal_host, b.portal_host) && a.portal_port == b.portal_port &&
           same_name(a.initiator_name, b.initiator_name);
}

bool is_secret_name(std::string_view name) {
    return !name.empty() && name.size() <= max_secret_name &&
           std::ranges::all_of(name, [](char c) { return is_host_character(c) || c == '@'; });
}

bool is_automatic_secret(std::string_view name) {
    return name.starts_with("auto-") && name.size() > 5 &&
           std::ranges::all_of(name.substr(5), [](char c) { return c >= '0' && c <= '9'; });
}

std::string isid_text(std::uint64_t isid) {
    return "0x" + hex(isid, 12);
}

persistence::session_id random_session_id() {
    return {random_number(), random_number()};
}

std::uint64_t random_isid() {
    const std::uint64_t chance = random_number() & 0xff'ffff'ffffU;
    return std::uint64_t{0x80} << 40U | chance;
}

std::string stored_initiator_name(const std::filesystem::path& state_dir) {
    const auto file = state_dir / "initiator.name";
    for (int attempt = 0; attempt < 2; ++attempt) {
        std::ifstream in(file);
        std::string name;
        if (in && std::getline(in, name)) {
            if (is_iscsi_name(name)) return name;
            throw persistence::store_error(
                persistence::store_errc::damaged, "read the initiator name in", file.native(), "not an iSCSI name");
        }
        if (std::error_code ignored; std::filesystem::exists(file, ignored))
            throw persistence::store_error(
                persistence::store_errc::damaged, "read the initiator name in", file.native(), "empty or unreadable");
        keep_name(file, "iqn.2026-11.org.persiscsi:" + hex(random_number() & 0xffff'ffff'ffffU, 12));
    }
    throw persistence::store_error(persistence::store_errc::io, "read the initiator name in", file.native());
}

}  // namespace persiscsi::daemon
