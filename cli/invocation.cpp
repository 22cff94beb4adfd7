// SPDX-License-Identifier: Apache-2.0
#include "cli/invocation.hpp"

#include "cli/command_error.hpp"
#include "cli/printable.hpp"
#include "daemon/control/places.hpp"

#include <charconv>
#include <cmath>

namespace persiscsi::cli {
namespace {

std::optional<std::uint64_t> parsed(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || stop != end || error != std::errc{}) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::string> invocation::text(std::string_view option) const {
    const auto found = options.find(option);
    if (found == options.end() || found->second.empty()) return std::nullopt;
    return found->second.front();
}

std::string invocation::text_or(std::string_view option, std::string_view preset) const {
    return text(option).value_or(std::string(preset));
}

std::vector<std::string> invocation::all(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::vector<std::string>{} : found->second;
}

std::optional<std::uint64_t> invocation::number(std::string_view option,
                                                std::uint64_t lowest,
                                                std::uint64_t highest) const {
    const auto given_text = text(option);
    if (!given_text) return std::nullopt;
    const auto value = parsed(*given_text);
    if (!value || *value < lowest || *value > highest)
        throw usage_error(std::string(option) + ": " + in_quotes(*given_text) + " is not a number from " +
                          std::to_string(lowest) + " to " + std::to_string(highest));
    return value;
}

std::vector<std::pair<std::string, std::string>> invocation::pairs(std::string_view option) const {
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto& pair : all(option)) {
        const auto equals = pair.find('=');
        if (equals == pair.npos || equals == 0)
            throw usage_error(std::string(option) + ": " + in_quotes(pair.substr(0, equals)) + " is not KEY=VALUE");
        result.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    }
    return result;
}

std::optional<std::chrono::milliseconds> invocation::timeout() const {
    const auto given_text = text("--timeout");
    if (!given_text) return std::nullopt;
    double seconds = 0;
    const auto* end = given_text->data() + given_text->size();
    const auto [stop, error] = std::from_chars(given_text->data(), end, seconds, std::chars_format::fixed);
    if (stop != end || error != std::errc{} || !(seconds >= 0.1 && seconds <= 1e6))
        throw usage_error("--timeout: " + in_quotes(*given_text) + " is not a number of seconds from 0.1 to 1000000");
    return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::filesystem::path invocation::state_dir() const {
    if (const auto given_text = text("--state-dir")) return *given_text;
    return control::default_state_dir();
}

std::filesystem::path invocation::socket() const {
    if (const auto given_text = text("--runtime-dir")) return control::socket_in(*given_text);
    return control::socket_in(control::client_runtime_dir());
}

void invocation::claim_standard_input(const std::string& purpose) {
    if (!standard_input_purpose_.empty())
        throw usage_error("standard input cannot be both " + standard_input_purpose_ + " and " + purpose);
    standard_input_purpose_ = purpose;
}

}  // namespace persiscsi::cli
