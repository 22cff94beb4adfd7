// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/target.hpp"

#include <cstddef>

namespace persiscsi::control {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::vector<std::string>> split_path(std::string_view path) {
    if (path.empty() || path.front() != '/') return std::nullopt;
    path.remove_prefix(1);
    std::vector<std::string> segments;
    while (true) {
        const auto slash = path.find('/');
        auto segment = percent_decoded(path.substr(0, slash));
        if (!segment || segment->empty()) return std::nullopt;
        segments.push_back(std::move(*segment));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

bool add_query_pair(std::string_view part, std::vector<std::pair<std::string, std::string>>& into) {
    if (part.empty()) return true;
    const auto equals = part.find('=');
    auto name = percent_decoded(part.substr(0, equals));
    auto value = percent_decoded(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
    if (!name || !value) return false;
    into.emplace_back(std::move(*name), std::move(*value));
    return true;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::string with_query(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query) {
    std::string out(path);
    char separator = '?';
    for (const auto& [name, value] : query) {
        out += separator;
        out += percent_encoded(name) + "=" + percent_encoded(value);
        separator = '&';
    }
    return out;
}

std::optional<parsed_target> parse_target(std::string_view target) {
    const auto question = target.find('?');
    auto segments = split_path(target.substr(0, question));
    if (!segments) return std::nullopt;
    parsed_target parsed{std::move(*segments), {}};
    if (question == std::string_view::npos) return parsed;
    for (auto rest = target.substr(question + 1);;) {
        const auto ampersand = rest.find('&');
        if (!add_query_pair(rest.substr(0, ampersand), parsed.query)) return std::nullopt;
        if (ampersand == std::string_view::npos) return parsed;
        rest.remove_prefix(ampersand + 1);
    }
}

}  // namespace persiscsi::control
