// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/negotiation_judge.hpp"

#include <algorithm>

namespace persiscsi::conformance {
namespace {

constexpr std::size_t longest_simple_value = 255;  // RFC 7143 §6.1
constexpr std::size_t longest_binary = 1024;       // RFC 7143 §12.1.3

struct split_text {
    key_values pairs;
    bool whole = true;  ///< each pair had its NUL and its '='
};

split_text split(std::span<const std::byte> text) {
    split_text result;
    std::string pair;
    for (const auto byte : text) {
        if (byte != std::byte{0}) {
            pair += static_cast<char>(byte);
            continue;
        }
        const auto equals = pair.find('=');
        if (equals == std::string::npos)
            result.whole = false;
        else
            result.pairs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
        pair.clear();
    }
    result.whole = result.whole && pair.empty();
    return result;
}

bool is_printable(std::string_view value) {
    return std::none_of(
        value.begin(), value.end(), [](unsigned char letter) { return letter < 0x20 || letter == 0x7f; });
}

const std::string* value_of(const key_values& pairs, std::string_view key) {
    const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; });
    return found == pairs.end() ? nullptr : &found->second;
}

}  // namespace

void negotiation_judge::on_initiator(std::span<const std::byte> text,
                                     const negotiation_place& place,
                                     const report& broken) {
    const auto [pairs, whole] = split(text);
    if (!whole) broken(rule::key_is_well_formed, "text that is no row of key=value with a NUL behind each");
    for (const auto& [key, value] : pairs) on_pair(key, value, place, broken);
    if (place.login && place.security_stage) on_chap(pairs, broken);
    for (const auto& [key, value] : std::exchange(theirs_, {})) {
        const auto* row = find_key_row(key);
        if (row != nullptr && decides_alone(*row, value)) {
            answered_[key] = value;
        } else {
            broken(rule::proposal_is_answered, "the target's " + key + "=" + value + " got no answer");
        }
    }
    const auto first = number_of(sent_.contains("FirstBurstLength") ? sent_.at("FirstBurstLength") : "0");
    const auto most = number_of(sent_.contains("MaxBurstLength") ? sent_.at("MaxBurstLength") : "262144");
    if (ours_.contains("FirstBurstLength") && first && most && *first > *most)
        broken(rule::first_burst_is_offered_within_max_burst,
               std::to_string(*first) + " above " + std::to_string(*most));
}

void negotiation_judge::on_pair(const std::string& key,
                                const std::string& value,
                                const negotiation_place& place,
                                const report& broken) {
    const bool binary = key == "CHAP_C" || key == "CHAP_R";
    if (!is_standard_label(key) || !is_printable(value) || (!binary && value.size() > longest_simple_value))
        return broken(rule::key_is_well_formed, key + " with a value of " + std::to_string(value.size()) + " bytes");
    if (!sent_.emplace(key, value).second) return broken(rule::key_comes_once, key);
    const auto* row = find_key_row(key);
    if (is_security_key(key)) {
        if (!place.login) return broken(rule::key_belongs_to_the_phase, key);
        if (!place.security_stage) return broken(rule::key_belongs_to_the_stage, key);
        if (is_reserved_word(value)) broken(rule::reserved_word_is_no_proposal, key + "=" + value);
        return;
    }
    if (theirs_.contains(key)) return on_answer(key, value, broken);
    if (row != nullptr) {
        if (row->sender == key_sender::target) return broken(rule::key_is_one_an_initiator_sends, key);
        const bool for_login = row->use != key_use::full_feature_only;
        const bool for_full_feature = row->use == key_use::all || !for_login;
        if (place.login ? !for_login : !for_full_feature) return broken(rule::key_belongs_to_the_phase, key);
        if (place.login && place.security_stage && !row->any_stage) return broken(rule::key_belongs_to_the_stage, key);
        if (place.login && !place.leading && row->use == key_use::leading_only)
            return broken(rule::leading_only_key_on_the_leading_login, key);
    }
    if (place.discovery && (row == nullptr || row->irrelevant_in_discovery))
        return broken(rule::key_belongs_to_the_session_type, key);
    on_proposal(key, value, broken);
}

void negotiation_judge::on_proposal(const std::string& key, const std::string& value, const report& broken) {
    if (is_reserved_word(value)) return broken(rule::reserved_word_is_no_proposal, key + "=" + value);
    const auto* row = find_key_row(key);
    const bool obsolete = row != nullptr && row->result == key_result::obsolete;
    if (obsolete || (row != nullptr && !is_legal(*row, value) && key != "SendTargets"))
        return broken(rule::proposal_is_legal, key + "=" + value);
    if (row == nullptr || row->result != key_result::declared) ours_[key] = value;
}

void negotiation_judge::on_answer(const std::string& key, const std::string& value, const report& broken) {
    const auto proposal = theirs_.extract(key).mapped();
    const auto* row = find_key_row(key);
    const auto told = "the target's " + key + "=" + proposal + " is answered " + value;
    if (row == nullptr) {
        if (value != "NotUnderstood") broken(rule::unknown_key_is_not_understood, told);
        return;
    }
    if (value == "NotUnderstood") return broken(rule::known_key_is_understood, told);
    if (!is_admissible(*row, proposal, value)) return broken(rule::answer_is_admissible, told);
    answered_[key] = value;
}

void negotiation_judge::on_target(std::span<const std::byte> text) {
    for (const auto& [key, value] : split(text).pairs) {
        if (key == "AuthMethod") chap_chosen_ = value == "CHAP";
        if (key == "CHAP_C") targets_challenge_ = value;
        if (is_security_key(key)) {
            challenged_ = challenged_ || (key == "CHAP_C" && algorithms_sent_);
            continue;
        }
        const auto* row = find_key_row(key);
        if (ours_.erase(key) != 0) {
            answered_[key] = value;
        } else if (row != nullptr && row->result == key_result::declared) {
            if (!is_reserved_word(value)) answered_[key] = value;
        } else if (!sent_.contains(key)) {
            theirs_[key] = value;
        }
    }
}

std::map<std::string, std::string> negotiation_judge::results() const {
    auto settled = answered_;
    for (const auto& [key, value] : ours_) {
        const auto* row = find_key_row(key);
        if (row != nullptr && decides_alone(*row, value)) settled[key] = value;
    }
    std::erase_if(settled, [](const auto& pair) { return is_reserved_word(pair.second); });
    return settled;
}

void negotiation_judge::on_chap(const key_values& pairs, const report& broken) {
    const auto has = [&](std::string_view key) { return value_of(pairs, key) != nullptr; };
    const auto out_of_step = [&](const std::string& what) { broken(rule::chap_goes_step_by_step, what); };
    const bool others = has("CHAP_N") || has("CHAP_R") || has("CHAP_I") || has("CHAP_C");
    if (has("CHAP_A")) {
        if (!chap_chosen_) out_of_step("CHAP_A before the target chose CHAP");
        if (others) out_of_step("other keys beside CHAP_A");
        algorithms_sent_ = true;
        const auto algorithms = items_of(*value_of(pairs, "CHAP_A"));
        if (std::find(algorithms.begin(), algorithms.end(), "5") == algorithms.end())
            broken(rule::chap_offers_md5, "CHAP_A=" + *value_of(pairs, "CHAP_A"));
    } else if (others) {
        if (!challenged_) out_of_step("a proof before the challenge");
        if (!has("CHAP_N") || !has("CHAP_R")) out_of_step("CHAP_N and CHAP_R not together");
        if (has("CHAP_I") != has("CHAP_C")) out_of_step("CHAP_I and CHAP_C not together");
        challenged_ = false;
    } else if (chap_chosen_ && !algorithms_sent_) {
        out_of_step("no CHAP_A after the target chose CHAP");
    }
    on_chap_values(pairs, broken);
}

void negotiation_judge::on_chap_values(const key_values& pairs, const report& broken) const {
    for (const auto& [key, value] : pairs) {
        if (key == "CHAP_I") {
            const auto number = number_of(value);
            if (!number || *number > 255) broken(rule::chap_binaries_have_legal_lengths, "CHAP_I=" + value);
        } else if (key == "CHAP_C" || key == "CHAP_R") {
            const auto bytes = binary_of(value);
            if (!bytes || bytes->empty() || bytes->size() > longest_binary)
                broken(rule::chap_binaries_have_legal_lengths,
                       key + " of " + std::to_string(value.size()) + " letters");
            else if (key == "CHAP_C" && bytes == binary_of(targets_challenge_))
                broken(rule::chap_challenge_is_not_reflected, "CHAP_C is the target's own");
        }
    }
}

}  // namespace persiscsi::conformance
