// SPDX-License-Identifier: Apache-2.0
#include "persistence/records.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

namespace persiscsi::persistence {
namespace {

constexpr std::string_view registration_prefix = "reg-";
constexpr std::size_t session_half_digits = 16;

constexpr std::array<std::pair<digest_wish, std::string_view>, 3> digest_names{{
    {digest_wish::none, "none"},
    {digest_wish::crc32c, "crc32c"},
    {digest_wish::prefer, "prefer"},
}};

constexpr std::array<std::pair<recovery_policy, std::string_view>, 3> policy_names{{
    {recovery_policy::wait_for_ever, "wait_for_ever"},
    {recovery_policy::fail_after, "fail_after"},
    {recovery_policy::fail_at_once, "fail_at_once"},
}};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) noexcept {
    const auto found = std::ranges::find(names, value, &Names::value_type::first);
    return found == names.end() ? std::string_view("invalid") : found->second;
}

template <class Value, std::size_t Size>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, Size>& names,
                              std::string_view text) noexcept {
    const auto found = std::ranges::find(names, text, [](const auto& row) { return row.second; });
    if (found == names.end()) return std::nullopt;
    return found->first;
}

void append_half(std::string& out, std::uint64_t half) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (unsigned shift = 64; shift > 0; shift -= 4) out += digits[(half >> (shift - 4U)) & 0xfU];
}

bool parse_half(std::string_view text, std::uint64_t& half) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), half, 16);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string to_string(registration_id id) {
    return std::string(registration_prefix) + std::to_string(id.value);
}

std::string to_string(session_id id) {
    std::string out;
    append_half(out, id.high);
    out += '-';
    append_half(out, id.low);
    return out;
}

std::ostream& operator<<(std::ostream& out, registration_id id) {
    return out << to_string(id);
}
std::ostream& operator<<(std::ostream& out, session_id id) {
    return out << to_string(id);
}

std::optional<registration_id> parse_registration_id(std::string_view text) noexcept {
    if (!text.starts_with(registration_prefix)) return std::nullopt;
    text.remove_prefix(registration_prefix.size());
    if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
    registration_id id;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return id;
}

std::optional<session_id> parse_session_id(std::string_view text) noexcept {
    if (text.size() != 2 * session_half_digits + 1 || text[session_half_digits] != '-') return std::nullopt;
    session_id id;
    if (!parse_half(text.substr(0, session_half_digits), id.high)) return std::nullopt;
    if (!parse_half(text.substr(session_half_digits + 1), id.low)) return std::nullopt;
    return id;
}

std::string_view to_string(digest_wish wish) noexcept {
    return name_in(digest_names, wish);
}
std::string_view to_string(recovery_policy policy) noexcept {
    return name_in(policy_names, policy);
}
std::optional<digest_wish> parse_digest_wish(std::string_view text) noexcept {
    return value_in(digest_names, text);
}
std::optional<recovery_policy> parse_recovery_policy(std::string_view text) noexcept {
    return value_in(policy_names, text);
}

}  // namespace persiscsi::persistence
