// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_dialogue.hpp"
#include "pdu/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

namespace persiscsi::test {

using step = login_dialogue::step;

inline constexpr auto our_isid = static_cast<pdu::isid>(0x80123456'0001U);
inline constexpr auto granted_tsih = static_cast<pdu::tsih>(7);
inline constexpr std::string_view own_secret = "the-initiators-own-secret";
inline constexpr std::string_view target_secret = "what-the-target-must-know";

/// Options that a login can be made with.
inline login_options sound_options() {
    login_options options;
    options.initiator_name = "iqn.2024-01.example:initiator";
    options.target_name = "iqn.2024-01.example:disk1";
    options.isid = our_isid;
    return options;
}

inline login_options chap_options() {
    auto options = sound_options();
    options.chap = chap_credentials{"alice", secret(own_secret)};
    return options;
}

inline login_options mutual_options() {
    auto options = chap_options();
    options.mutual_chap = chap_credentials{"storage", secret(target_secret)};
    return options;
}

/// Chance that is none: counts 1, 2, 3 …
inline random_source counting() {
    return [next = 0U](std::span<std::byte> bytes) mutable {
        for (auto& byte : bytes) byte = static_cast<std::byte>(++next);
    };
}

/// The target's side of a login, whose text is given key by key.
class scripted_login {
  public:
    explicit scripted_login(login_options options, pdu::tsih tsih = pdu::tsih::fresh)
        : dialogue_(std::move(options), tsih, pdu::connection_id{3}, counting()), tsih_(tsih) {}

    /// A further connection of `session`.
    scripted_login(login_options options, const negotiated& session)
        : dialogue_(std::move(options), session, pdu::connection_id{3}, counting()), tsih_(session.tsih) {}

    step start() { return remember(dialogue_.start()); }

    /// A well-formed response to the last request; with `transit` it moves to the stage that was asked for.
    [[nodiscard]] pdu::login_response response(bool transit = false) const {
        pdu::login_response response;
        response.transit = transit;
        response.current_stage = last_.pdu.current_stage;
        if (transit) response.next_stage = last_.pdu.next_stage;
        response.isid = our_isid;
        response.tsih = tsih_;
        if (transit && last_.pdu.next_stage == pdu::login_stage::full_feature_phase && tsih_ == pdu::tsih::fresh)
            response.tsih = granted_tsih;
        return response;
    }

    step answer(const pdu::login_response& response, const pdu::text_keys& keys = {}) {
        return remember(dialogue_.on_response(response, pdu::encode_text(keys)));
    }
    step answer_raw(const pdu::login_response& response, std::span<const std::byte> data) {
        return remember(dialogue_.on_response(response, data));
    }
    step stay(const pdu::text_keys& keys = {}) { return answer(response(), keys); }
    step move_on(const pdu::text_keys& keys = {}) { return answer(response(true), keys); }

    /// Up to our offers of the operational stage.
    void reach_operational_stage() {
        start();
        move_on({{"AuthMethod", "None"}, {"TargetPortalGroupTag", "1"}});
        ASSERT_EQ(last_.pdu.current_stage, pdu::login_stage::operational_negotiation);
    }

    [[nodiscard]] const login_dialogue::request& last() const { return last_; }
    [[nodiscard]] pdu::text_keys said() const { return pdu::parse_text(last_.data).keys; }
    [[nodiscard]] std::string said(std::string_view key) const {
        const auto keys = said();
        return std::string(pdu::find_key(keys, key).value_or("(not said)"));
    }

  private:
    step remember(step next) {
        if (const auto* request = std::get_if<login_dialogue::request>(&next)) last_ = *request;
        return next;
    }

    login_dialogue dialogue_;
    pdu::tsih tsih_;
    login_dialogue::request last_;
};

inline bool goes_on(const step& next) {
    return std::holds_alternative<login_dialogue::request>(next);
}

/// The failure of a step, or one without a code where it is none.
inline failure failure_of(const step& next) {
    const auto* failed = std::get_if<failure>(&next);
    return failed != nullptr ? *failed : failure{{}, "(no failure)"};
}

inline std::error_code code_of(const step& next) {
    return failure_of(next).code;
}

/// What was agreed on; a default where nothing was, and the test fails.
inline negotiated agreed(const step& next) {
    const auto* result = std::get_if<negotiated>(&next);
    EXPECT_NE(result, nullptr) << failure_of(next).detail;
    return result != nullptr ? *result : negotiated{};
}

inline pdu::text_keys with(pdu::text_keys keys, const std::string& key, const std::string& value) {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const auto& pair) { return pair.key == key; });
    if (found == keys.end())
        keys.push_back({key, value});
    else
        found->value = value;
    return keys;
}

inline pdu::text_keys without(pdu::text_keys keys, std::string_view key) {
    std::erase_if(keys, [&](const auto& pair) { return pair.key == key; });
    return keys;
}

/// A target that agrees to all of our default offers; digests None.
inline pdu::text_keys agreeable_answers() {
    return {{"HeaderDigest", "None"},
            {"DataDigest", "None"},
            {"MaxConnections", "1"},
            {"InitialR2T", "No"},
            {"ImmediateData", "Yes"},
            {"MaxRecvDataSegmentLength", "65536"},
            {"MaxBurstLength", "524288"},
            {"FirstBurstLength", "131072"},
            {"DefaultTime2Wait", "3"},
            {"DefaultTime2Retain", "10"},
            {"MaxOutstandingR2T", "4"},
            {"DataPDUInOrder", "Yes"},
            {"DataSequenceInOrder", "Yes"},
            {"ErrorRecoveryLevel", "0"}};
}

}  // namespace persiscsi::test
