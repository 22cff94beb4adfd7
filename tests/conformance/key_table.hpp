// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persiscsi::conformance {

/// "Use" of a key (RFC 7143 §13): LO, IO, ALL, FFPO.
enum class key_use { leading_only, initialize_only, all, full_feature_only };
enum class key_sender { both, initiator, target };
enum class key_kind { number, boolean, list, text };
enum class key_result { minimum, maximum, logical_and, logical_or, first_listed, declared, obsolete };

/// A key of RFC 7143 §13 as the judge reads it there.
struct key_row {
    std::string_view name;
    key_use use;
    key_sender sender;
    bool any_stage;
    bool irrelevant_in_discovery;
    key_kind kind;
    std::uint64_t lowest, highest;
    key_result result;
};

[[nodiscard]] const key_row* find_key_row(std::string_view name);
[[nodiscard]] bool is_security_key(std::string_view name);
[[nodiscard]] bool is_reserved_word(std::string_view value);
[[nodiscard]] bool is_standard_label(std::string_view name);

[[nodiscard]] std::vector<std::string> items_of(std::string_view list);
/// A decimal or hexadecimal number below 2^64 (RFC 7143 §6.1, numerical-value).
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text);
/// A hex- or base64-constant (RFC 7143 §6.1).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> binary_of(std::string_view text);

/// Whether a value is of the row's kind and within its bounds.
[[nodiscard]] bool is_legal(const key_row& row, std::string_view value);
/// Whether `answer` is what the row's result function can make of `proposal`.
[[nodiscard]] bool is_admissible(const key_row& row, std::string_view proposal, std::string_view answer);
/// Whether the proposal is the result without an answer (RFC 7143 §6.2.2).
[[nodiscard]] bool decides_alone(const key_row& row, std::string_view proposal);

}  // namespace persiscsi::conformance
