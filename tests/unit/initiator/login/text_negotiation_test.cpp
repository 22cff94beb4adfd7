// SPDX-License-Identifier: Apache-2.0
#include "initiator/login/text_negotiation.hpp"

#include "pdu/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace persiscsi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using step = text_negotiation::step;

constexpr auto a_tag = static_cast<pdu::transfer_tag>(0x12345678);
constexpr auto a_lun = static_cast<pdu::lun_id>(0x0001000000000000);

negotiated before() {
    negotiated agreed;
    agreed.max_send_data_segment_length = 1024;
    agreed.max_recv_data_segment_length = 262144;
    agreed.max_burst_length = 524288;
    agreed.target_alias = "old";
    agreed.tsih = static_cast<pdu::tsih>(7);
    return agreed;
}

/// The target's side of a negotiation.
class scripted_negotiation {
  public:
    explicit scripted_negotiation(pdu::text_keys declarations = {{"MaxRecvDataSegmentLength", "65536"}})
        : dialogue_(before(), std::move(declarations)) {}

    step start() { return remember(dialogue_.start()); }
    step go_on(const pdu::text_keys& keys = {}) { return answer(middle(), keys); }
    step end(const pdu::text_keys& keys = {}) { return answer(last_one(), keys); }
    step answer(const pdu::text_response& response, const pdu::text_keys& keys = {}) {
        return answer_raw(response, pdu::encode_text(keys));
    }
    step answer_raw(const pdu::text_response& response, std::span<const std::byte> data) {
        return remember(dialogue_.on_response(response, data));
    }
    failure reject() { return dialogue_.on_reject(); }

    static pdu::text_response middle() {
        pdu::text_response response;
        response.target_transfer_tag = a_tag;
        response.lun = a_lun;
        return response;
    }
    static pdu::text_response last_one() {
        pdu::text_response response;
        response.final = true;
        return response;
    }

    [[nodiscard]] const text_negotiation::request& last() const { return last_; }
    [[nodiscard]] pdu::text_keys said() const { return pdu::parse_text(last_.data).keys; }

  private:
    step remember(step next) {
        if (const auto* request = std::get_if<text_negotiation::request>(&next)) last_ = *request;
        return next;
    }

    text_negotiation dialogue_;
    text_negotiation::request last_;
};

bool goes_on(const step& next) {
    return std::holds_alternative<text_negotiation::request>(next);
}

failure failure_of(const step& next) {
    const auto* failed = std::get_if<failure>(&next);
    return failed != nullptr ? *failed : failure{{}, "(no failure)"};
}

negotiated agreed(const step& next) {
    const auto* result = std::get_if<negotiated>(&next);
    EXPECT_NE(result, nullptr) << failure_of(next).detail;
    return result != nullptr ? *result : negotiated{};
}

/// Expects the request that resets a negotiation (RFC 7143 §6.4).
void expect_reset(const scripted_negotiation& negotiation, const step& next) {
    ASSERT_TRUE(goes_on(next)) << failure_of(next).detail;
    EXPECT_EQ(negotiation.last().pdu.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_EQ(negotiation.last().pdu.lun, pdu::lun_id{});
    EXPECT_TRUE(negotiation.last().pdu.final);
    EXPECT_THAT(negotiation.last().data, IsEmpty());
}

TEST(text_negotiation, declares_in_one_final_request) {
    scripted_negotiation negotiation;
    ASSERT_TRUE(goes_on(negotiation.start()));
    EXPECT_EQ(negotiation.said(), (pdu::text_keys{{"MaxRecvDataSegmentLength", "65536"}}));
    EXPECT_TRUE(negotiation.last().pdu.final);
    EXPECT_FALSE(negotiation.last().pdu.continued);
    EXPECT_EQ(negotiation.last().pdu.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_EQ(negotiation.last().pdu.lun, pdu::lun_id{});
}

TEST(text_negotiation, changes_what_both_declared_and_nothing_else) {
    scripted_negotiation negotiation;
    negotiation.start();
    const auto result = agreed(negotiation.end({{"MaxRecvDataSegmentLength", "4096"}, {"TargetAlias", "new"}}));
    EXPECT_EQ(result.max_recv_data_segment_length, 65536U);
    EXPECT_EQ(result.max_send_data_segment_length, 4096U);
    EXPECT_EQ(result.target_alias, "new");
    EXPECT_EQ(result.max_burst_length, 524288U);
    EXPECT_EQ(result.tsih, static_cast<pdu::tsih>(7));
}

TEST(text_negotiation, without_declarations_leaves_ours_as_they_were) {
    scripted_negotiation negotiation(pdu::text_keys{});
    ASSERT_TRUE(goes_on(negotiation.start()));
    EXPECT_THAT(negotiation.last().data, IsEmpty());
    const auto result = agreed(negotiation.end({{"MaxRecvDataSegmentLength", "0x200"}}));
    EXPECT_EQ(result.max_recv_data_segment_length, 262144U);
    EXPECT_EQ(result.max_send_data_segment_length, 512U);
}

TEST(text_negotiation, goes_on_with_the_targets_tag_and_lun_until_it_ends) {
    scripted_negotiation negotiation;
    negotiation.start();
    for (int i = 0; i < 6; ++i) {
        ASSERT_TRUE(goes_on(negotiation.go_on()));
        EXPECT_EQ(negotiation.last().pdu.target_transfer_tag, a_tag);
        EXPECT_EQ(negotiation.last().pdu.lun, a_lun);
        EXPECT_TRUE(negotiation.last().pdu.final);
        EXPECT_THAT(negotiation.last().data, IsEmpty());
    }
    EXPECT_EQ(agreed(negotiation.end()).max_recv_data_segment_length, 65536U);
}

TEST(text_negotiation, answers_what_the_target_proposes) {
    scripted_negotiation negotiation;
    negotiation.start();
    ASSERT_TRUE(goes_on(negotiation.go_on({{"X-com.example.do", "1"}, {"OFMarkInt", "1~2"}, {"IFMarker", "Yes"}})));
    EXPECT_EQ(negotiation.said(),
              (pdu::text_keys{{"X-com.example.do", "NotUnderstood"}, {"OFMarkInt", "Reject"}, {"IFMarker", "Reject"}}));
    agreed(negotiation.end());
}

TEST(text_negotiation, takes_any_answer_to_a_private_key) {
    for (const auto* answer : {"NotUnderstood", "Reject", "Irrelevant", "17"}) {
        scripted_negotiation negotiation({{"X-com.example.do", "18"}, {"InitiatorAlias", "host one"}});
        negotiation.start();
        EXPECT_EQ(negotiation.said(), (pdu::text_keys{{"X-com.example.do", "18"}, {"InitiatorAlias", "host one"}}));
        agreed(negotiation.end({{"X-com.example.do", answer}}));
    }
}

TEST(text_negotiation, values_take_effect_at_the_end_only) {
    scripted_negotiation negotiation(pdu::text_keys{{"X-com.example.a", std::string(250, 'a')},
                                                    {"X-com.example.b", std::string(250, 'b')},
                                                    {"X-com.example.c", std::string(250, 'c')}});
    negotiation.start();
    EXPECT_EQ(negotiation.last().data.size(), 801U);
    pdu::text_keys unknown;
    for (int i = 0; i < 100; ++i) unknown.push_back({"X-com.example." + std::to_string(i), "1"});
    unknown.push_back({"MaxRecvDataSegmentLength", "512"});
    negotiation.go_on(unknown);
    EXPECT_EQ(negotiation.last().data.size(), 1024U) << "cut at the length that was agreed on before";
}

TEST(text_negotiation, splits_long_text_with_the_c_bit) {
    pdu::text_keys keys;
    for (int i = 0; i < 12; ++i) keys.push_back({"X-com.example.long" + std::to_string(i), std::string(250, 'v')});
    scripted_negotiation negotiation(keys);
    ASSERT_TRUE(goes_on(negotiation.start()));
    std::vector<std::byte> joined;
    while (negotiation.last().pdu.continued) {
        EXPECT_FALSE(negotiation.last().pdu.final);
        EXPECT_EQ(negotiation.last().data.size(), 1024U);
        joined.insert(joined.end(), negotiation.last().data.begin(), negotiation.last().data.end());
        ASSERT_TRUE(goes_on(negotiation.go_on()));
        EXPECT_EQ(negotiation.last().pdu.target_transfer_tag, a_tag);
    }
    EXPECT_TRUE(negotiation.last().pdu.final);
    joined.insert(joined.end(), negotiation.last().data.begin(), negotiation.last().data.end());
    EXPECT_EQ(pdu::parse_text(joined).keys, keys);
    agreed(negotiation.end());
}

TEST(text_negotiation, joins_the_targets_text_over_any_cut) {
    const auto text = pdu::encode_text({{"TargetAlias", "new"}, {"MaxRecvDataSegmentLength", "4096"}});
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        scripted_negotiation negotiation;
        negotiation.start();
        auto first = negotiation.middle();
        first.continued = true;
        ASSERT_TRUE(goes_on(negotiation.answer_raw(first, std::span(text).first(cut))));
        EXPECT_THAT(negotiation.last().data, IsEmpty()) << "RFC 7143 §6.2";
        const auto next = negotiation.answer_raw(negotiation.last_one(), std::span(text).subspan(cut));
        ASSERT_EQ(agreed(next).max_send_data_segment_length, 4096U) << "cut at byte " << cut;
    }
}

TEST(text_negotiation, a_reject_leaves_everything_as_it_was) {
    scripted_negotiation negotiation;
    negotiation.start();
    negotiation.go_on({{"MaxRecvDataSegmentLength", "4096"}});
    EXPECT_EQ(negotiation.reject().code, login_errc::negotiation_reset);
    EXPECT_EQ(failure_of(negotiation.end()).code, protocol_errc::local_bad_request) << "it is over";
}

TEST(text_negotiation, a_breach_in_the_middle_resets_it) {
    const struct {
        pdu::text_key key;
        std::string why;
    } cases[] = {{{"MaxBurstLength", "65536"}, "MaxBurstLength, a key of the login"},
                 {{"HeaderDigest", "CRC32C"}, "HeaderDigest, a key of the login"},
                 {{"TargetPortalGroupTag", "1"}, "TargetPortalGroupTag, a key of the login"},
                 {{"IFMarker", "Reject"}, "IFMarker, a key of the login"},
                 {{"AuthMethod", "None"}, "AuthMethod, a key of the login"},
                 {{"CHAP_A", "5"}, "CHAP_A, a key of the login"},
                 {{"TargetName", "iqn.2024-01.example:x"}, "TargetName, a key of the initiator's"},
                 {{"SendTargets", "All"}, "SendTargets, a key of the initiator's"},
                 {{"InitiatorAlias", "NotUnderstood"}, "InitiatorAlias, a key of the initiator's"},
                 {{"MaxRecvDataSegmentLength", "511"}, "MaxRecvDataSegmentLength=511, legal is 512 to 16777215"},
                 {{"MaxRecvDataSegmentLength", "NotUnderstood"}, "MaxRecvDataSegmentLength=NotUnderstood"},
                 {{"X-com.example.do", "Reject"}, "X-com.example.do=Reject for a key that was not offered"}};
    for (const auto& [key, why] : cases) {
        scripted_negotiation negotiation;
        negotiation.start();
        expect_reset(negotiation, negotiation.go_on({key}));
        const auto failed = failure_of(negotiation.end());
        EXPECT_EQ(failed.code, login_errc::negotiation_reset) << why;
        EXPECT_THAT(failed.detail, HasSubstr(why));
    }
}

TEST(text_negotiation, a_key_twice_resets_it) {
    scripted_negotiation in_one;
    in_one.start();
    expect_reset(in_one, in_one.go_on({{"TargetAlias", "a"}, {"TargetAlias", "b"}}));
    scripted_negotiation in_two;
    in_two.start();
    in_two.go_on({{"TargetAlias", "a"}});
    expect_reset(in_two, in_two.go_on({{"TargetAlias", "b"}}));
    EXPECT_THAT(failure_of(in_two.end()).detail, HasSubstr("TargetAlias twice in this negotiation"));
    scripted_negotiation addresses;
    addresses.start();
    agreed(addresses.end({{"TargetAddress", "192.0.2.1,1"}, {"TargetAddress", "192.0.2.2,1"}}));
}

TEST(text_negotiation, a_target_that_does_not_let_itself_be_reset_is_in_breach) {
    scripted_negotiation goes_on_anyway;
    goes_on_anyway.start();
    goes_on_anyway.go_on({{"MaxBurstLength", "65536"}});
    EXPECT_EQ(failure_of(goes_on_anyway.go_on()).code, login_errc::unexpected_key);
    scripted_negotiation rejects;
    rejects.start();
    rejects.go_on({{"MaxBurstLength", "65536"}});
    EXPECT_EQ(rejects.reject().code, login_errc::unexpected_key);
}

TEST(text_negotiation, a_breach_in_the_last_response_is_no_reset) {
    for (const auto& [key, code] : std::initializer_list<std::pair<pdu::text_key, login_errc>>{
             {{"MaxBurstLength", "65536"}, login_errc::unexpected_key},
             {{"OFMarker", "No"}, login_errc::unexpected_key},
             {{"MaxRecvDataSegmentLength", "16777216"}, login_errc::bad_key_value}}) {
        scripted_negotiation negotiation;
        negotiation.start();
        EXPECT_EQ(failure_of(negotiation.end({key})).code, code) << key.key;
    }
    scripted_negotiation novelty;
    novelty.start();
    agreed(novelty.end({{"X-com.example.do", "1"}}));
}

TEST(text_negotiation, wrong_bits_and_tags_are_refused) {
    const auto refused = [](pdu::text_response response,
                            const std::string& why,
                            scripted_negotiation negotiation = scripted_negotiation()) {
        negotiation.start();
        const auto failed = failure_of(negotiation.answer(response));
        EXPECT_EQ(failed.code, protocol_errc::remote_bad_field);
        EXPECT_THAT(failed.detail, HasSubstr(why));
    };
    auto both = scripted_negotiation::last_one();
    both.continued = true;
    refused(both, "both the F bit and the C bit");
    refused({}, "neither the F bit nor a Target Transfer Tag");
    pdu::text_keys keys;
    for (int i = 0; i < 12; ++i) keys.push_back({"X-com.example.long" + std::to_string(i), std::string(250, 'v')});
    refused(scripted_negotiation::last_one(), "the F bit is set", scripted_negotiation(keys));
    auto continued = scripted_negotiation::middle();
    continued.continued = true;
    refused(continued, "while our own text is not complete", scripted_negotiation(keys));
}

TEST(text_negotiation, the_tag_of_the_last_response_is_ignored) {
    scripted_negotiation negotiation;
    negotiation.start();
    auto response = negotiation.last_one();
    response.target_transfer_tag = a_tag;
    EXPECT_EQ(agreed(negotiation.answer(response)).max_recv_data_segment_length, 65536U);
}

TEST(text_negotiation, is_bounded) {
    scripted_negotiation endless;
    endless.start();
    std::optional<step> next;
    unsigned exchanges = 0;
    for (next = endless.go_on(); goes_on(*next) && exchanges < 1000; ++exchanges) next = endless.go_on();
    EXPECT_EQ(failure_of(*next).code, login_errc::too_many_exchanges);

    scripted_negotiation long_text;
    long_text.start();
    auto more = long_text.middle();
    more.continued = true;
    const std::vector<std::byte> piece(pdu::max_text_sequence / 4, std::byte{'A'});
    unsigned pieces = 0;
    for (next = long_text.answer_raw(more, piece); goes_on(*next) && pieces < 10; ++pieces)
        next = long_text.answer_raw(more, piece);
    EXPECT_EQ(failure_of(*next).code, protocol_errc::remote_text_too_long);
    EXPECT_EQ(pieces, 4U);

    scripted_negotiation many_keys;
    many_keys.start();
    pdu::text_keys keys;
    for (int i = 0; i < 300; ++i) keys.push_back({"X-com.example." + std::to_string(i), "1"});
    expect_reset(many_keys, many_keys.go_on(keys));
}

TEST(text_negotiation, malformed_text_resets_it) {
    scripted_negotiation negotiation;
    negotiation.start();
    const std::string text = "TargetAlias=no end";
    expect_reset(negotiation, negotiation.answer_raw(negotiation.middle(), std::as_bytes(std::span(text))));
}

TEST(text_negotiation, declares_only_what_an_initiator_may_say_in_full_feature_phase) {
    for (const auto& [key, why] : std::initializer_list<std::pair<pdu::text_key, std::string>>{
             {{"MaxBurstLength", "65536"}, "not for an initiator to set in Full Feature Phase (RFC 7143 §13.13)"},
             {{"DataDigest", "CRC32C"}, "not for an initiator"},
             {{"TargetAlias", "x"}, "not for an initiator"},
             {{"SendTargets", "All"}, "not for an initiator"},
             {{"InitiatorName", "iqn.2024-01.example:x"}, "not for an initiator"},
             {{"AuthMethod", "None"}, "is a security key"},
             {{"X-com.example.do", "Reject"}, "only answers may have"},
             {{"MaxRecvDataSegmentLength", "511"}, "legal is 512 to 16777215"}}) {
        scripted_negotiation negotiation({key});
        const auto failed = failure_of(negotiation.start());
        EXPECT_EQ(failed.code, login_errc::bad_option);
        EXPECT_THAT(failed.detail, HasSubstr(why));
        EXPECT_EQ(failure_of(negotiation.end()).code, protocol_errc::local_bad_request);
    }
}

}  // namespace
}  // namespace persiscsi
