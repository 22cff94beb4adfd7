// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_options.hpp"
#include "initiator/login/negotiated.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The keys of RFC 7143 §13, one row each.
namespace persiscsi::login {

/// When a key may be used (RFC 7143 §13): LO, IO, ALL, FFPO.
enum class key_use { leading_only, initialize_only, all, full_feature_phase_only };

enum class key_scope { session, connection };

/// Who may send the key.
enum class key_sender { initiator, target, both };

/// RFC 7143 §6.1. `binary`: a regular-binary-value of 16 bits. `local`: an iSCSI-local-name-value, which is no
/// simple-value and may be of any length.
enum class value_form { number, binary, boolean, list, text, local };

/// How the result follows from the two values (RFC 7143 §13). `obsolete` keys are answered Reject (§13.25).
enum class result_function { minimum, maximum, logical_and, logical_or, first_listed, declared, obsolete };

/// Whether we bring the key up ourselves. `when_asked`: where its wish is not the default, or a parameter names it.
/// `mandatory` keys are in the first request, made there.
enum class offering { always, when_asked, mandatory, never };

struct operational_key {
    std::string_view name;
    std::string_view section;  ///< of RFC 7143
    key_use use;
    key_scope scope;
    key_sender sender;
    bool any_stage;                ///< may appear in SecurityNegotiation too
    bool irrelevant_in_discovery;  ///< "Irrelevant when: SessionType=Discovery"
    value_form form;
    std::uint32_t lowest;  ///< of a number or binary
    std::uint32_t highest;
    std::string_view names;  ///< of a list, those that we may offer; of a text, what it is, for people
    result_function result;
    offering offered;
    /// Our value as text; none where we have no say.
    std::string (*wish)(const login_options&);
    /// Takes the result over. A number comes as itself, Yes and No as 1 and 0, a list's choice as its text.
    void (*settle)(negotiated&, std::uint32_t number, std::string_view text);
};

[[nodiscard]] std::span<const operational_key> operational_keys();
[[nodiscard]] const operational_key* find_operational_key(std::string_view name);

/// AuthMethod and the keys of the authentication methods (RFC 7143 §12).
[[nodiscard]] bool is_security_key(std::string_view name);

/// "512 to 16777215", "Yes or No" …: what a value of this key may be.
[[nodiscard]] std::string legal_values(const operational_key& key);

/// Whether we may offer this value ourselves: legal, and of lists only what we know. A target may offer more.
/// RFC 7143 wants two things of the one who offers: RFC3720 and ResponseFence in each list of TaskReporting (§13.23),
/// and its own level and no other as iSCSIProtocolLevel (§13.24).
[[nodiscard]] bool may_offer(const operational_key& key, std::string_view text);
/// What `may_offer` allows, as `legal_values`.
[[nodiscard]] std::string legal_offers(const operational_key& key);

/// The value as a number (booleans 1 and 0; lists and texts 0), or none where it is no legal value of the key.
[[nodiscard]] std::optional<std::uint32_t> read_value(const operational_key& key, std::string_view text);

/// The result of our value and the target's: what we answer to a proposal. Both are legal values of the key. None where
/// a list has nothing in common.
[[nodiscard]] std::optional<std::string> combine(const operational_key& key,
                                                 std::string_view ours,
                                                 std::string_view theirs);

/// Whether the target may answer our offer so. Both are legal values of the key.
[[nodiscard]] bool is_possible_answer(const operational_key& key, std::string_view offered, std::string_view answer);

/// Whether our offer is the result even where the target does not answer (RFC 7143 §6.2.2).
[[nodiscard]] bool decides_alone(const operational_key& key, std::string_view offered);

}  // namespace persiscsi::login
