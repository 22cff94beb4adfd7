// SPDX-License-Identifier: Apache-2.0
// Every key of RFC 7143 §13 that shapes data, as --param gives it, against a target whose limits are the same: the
// value is agreed on, and data moves under it unchanged.
#include "tests/integration/initiator/session_fixture.hpp"

#include <string>

namespace persiscsi::test {
namespace {

constexpr std::uint32_t longest = (1U << 24U) - 1;

std::string yes_or_no(bool value) {
    return value ? "Yes" : "No";
}

struct lengths {
    std::uint32_t segment;
    std::uint32_t max_burst;
    std::uint32_t first_burst;
    std::uint16_t max_outstanding_r2t;
};

std::vector<lengths> all_lengths() {
    std::vector<lengths> all;
    for (const auto segment : {512U, 4096U, longest})
        for (const auto& [max_burst, first_burst] : {std::pair{512U, 512U}, {longest, 512U}, {longest, longest}})
            for (const std::uint16_t r2t : {std::uint16_t{1}, std::uint16_t{65535}})
                all.push_back({segment, max_burst, first_burst, r2t});
    return all;
}

/// What of the matrix is one test; the lengths are gone through within it.
struct ways {
    bool initial_r2t;
    bool immediate_data;
    digest_wish header;
    digest_wish data;
};

std::vector<ways> all_ways() {
    std::vector<ways> all;
    for (const bool initial_r2t : {false, true})
        for (const bool immediate_data : {false, true})
            for (const auto header : {digest_wish::none, digest_wish::crc32c})
                for (const auto data : {digest_wish::none, digest_wish::prefer})
                    all.push_back({initial_r2t, immediate_data, header, data});
    return all;
}

struct negotiated_matrix : session_fixture, testing::WithParamInterface<ways> {
    session_options wished(const lengths& wish) const {
        auto with = options();
        with.login.header_digest = GetParam().header;
        with.login.data_digest = GetParam().data;
        with.login.parameters = {{"InitialR2T", yes_or_no(GetParam().initial_r2t)},
                                 {"ImmediateData", yes_or_no(GetParam().immediate_data)},
                                 {"MaxRecvDataSegmentLength", std::to_string(wish.segment)},
                                 {"MaxBurstLength", std::to_string(wish.max_burst)},
                                 {"FirstBurstLength", std::to_string(wish.first_burst)},
                                 {"MaxOutstandingR2T", std::to_string(wish.max_outstanding_r2t)}};
        return with;
    }
    /// A target that can do all there is, so that the initiator's wish decides; or one that has the same limits.
    void start_target_with(const lengths& limits) {
        disk().limits.initial_r2t = GetParam().initial_r2t;
        disk().limits.immediate_data = GetParam().immediate_data;
        disk().limits.max_recv_data_segment_length = limits.segment;
        disk().limits.max_burst_length = limits.max_burst;
        disk().limits.first_burst_length = limits.first_burst;
        disk().limits.max_outstanding_r2t = limits.max_outstanding_r2t;
        server.port = 0;
        start_target();
    }
    void move_data(const lengths& wish, std::size_t size, unsigned seed) {
        session session(io.get_executor(), wished(wish));
        ASSERT_FALSE(log_in(session)) << story;
        const auto& agreed = *session.agreed();
        EXPECT_EQ(agreed.initial_r2t, GetParam().initial_r2t);
        EXPECT_EQ(agreed.immediate_data, GetParam().immediate_data);
        EXPECT_EQ(agreed.header_digest, GetParam().header == digest_wish::crc32c);
        EXPECT_EQ(agreed.data_digest, GetParam().data == digest_wish::prefer);
        EXPECT_EQ(agreed.max_recv_data_segment_length, wish.segment);
        EXPECT_EQ(agreed.max_send_data_segment_length, wish.segment);
        EXPECT_EQ(agreed.max_burst_length, wish.max_burst);
        EXPECT_EQ(agreed.first_burst_length, wish.first_burst);
        EXPECT_EQ(agreed.max_outstanding_r2t, wish.max_outstanding_r2t);
        const auto written = pattern(size, seed);
        std::vector<std::byte> back(size);
        ASSERT_FALSE(write({session, pdu::lun_id{0}}, 8, written)) << story;
        ASSERT_FALSE(read({session, pdu::lun_id{0}}, 8, back)) << story;
        EXPECT_EQ(written, back);
        EXPECT_FALSE(log_out(session)) << story;
    }
};

TEST_P(negotiated_matrix, data_moves_unchanged_under_what_was_agreed_on) {
    unsigned seed = 0;
    for (const auto& wish : all_lengths()) {
        SCOPED_TRACE("segments " + std::to_string(wish.segment) + ", bursts " + std::to_string(wish.max_burst) + "/" +
                     std::to_string(wish.first_burst) + ", R2Ts " + std::to_string(wish.max_outstanding_r2t));
        start_target_with(wish);
        move_data(wish, std::size_t{64} * 1024, ++seed);
        EXPECT_EQ(target->violations(), std::vector<std::string>{});
        if (HasFatalFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(all, negotiated_matrix, testing::ValuesIn(all_ways()));

/// More than one burst and one segment of the greatest length there is.
struct longest_bursts : session_fixture {
    longest_bursts() {
        disk().luns.front().blocks = 40960;
        disk().limits.max_recv_data_segment_length = longest;
        disk().limits.max_burst_length = disk().limits.first_burst_length = longest;
        disk().limits.max_outstanding_r2t = 65535;
    }
};

TEST_F(longest_bursts, and_segments_carry_more_than_their_length) {
    start_target();
    auto with = options();
    with.login.header_digest = with.login.data_digest = digest_wish::crc32c;
    for (const auto* key : {"MaxRecvDataSegmentLength", "MaxBurstLength", "FirstBurstLength"})
        with.login.parameters.push_back({key, "0xffffff"});
    with.login.parameters.push_back({"MaxOutstandingR2T", "65535"});
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    EXPECT_EQ(session.agreed()->max_send_data_segment_length, longest);
    EXPECT_EQ(session.agreed()->max_outstanding_r2t, 65535);
    const auto written = pattern(longest + 1 + 4096, 5);
    std::vector<std::byte> back(written.size());
    ASSERT_FALSE(write({session, pdu::lun_id{0}}, 16, written)) << story;
    ASSERT_FALSE(read({session, pdu::lun_id{0}}, 16, back)) << story;
    EXPECT_TRUE(written == back);
    EXPECT_FALSE(log_out(session)) << story;
}

/// The keys of §13 that shape no data path of their own, each with a legal value and what it leads to.
struct other_key {
    const char* key;
    const char* value;
    bool (*holds)(const negotiated&);
};

struct other_keys : session_fixture, testing::WithParamInterface<other_key> {};

TEST_P(other_keys, given_as_parameters_are_agreed_on) {
    disk().limits.default_time2wait = 1;
    disk().limits.default_time2retain = 3600;
    start_target();
    auto with = options();
    with.login.parameters = {{GetParam().key, GetParam().value}};
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    EXPECT_TRUE(GetParam().holds(*session.agreed())) << GetParam().key << '=' << GetParam().value;
    const auto written = pattern(8192);
    std::vector<std::byte> back(written.size());
    ASSERT_FALSE(write({session, pdu::lun_id{0}}, 0, written)) << story;
    ASSERT_FALSE(read({session, pdu::lun_id{0}}, 0, back)) << story;
    EXPECT_EQ(written, back);
    EXPECT_FALSE(log_out(session)) << story;
}

constexpr other_key all_other_keys[] = {
    {"DefaultTime2Wait", "0", [](const negotiated& agreed) { return agreed.default_time2wait == 1; }},
    {"DefaultTime2Wait", "3600", [](const negotiated& agreed) { return agreed.default_time2wait == 3600; }},
    {"DefaultTime2Retain", "0", [](const negotiated& agreed) { return agreed.default_time2retain == 0; }},
    {"DefaultTime2Retain", "0xe10", [](const negotiated& agreed) { return agreed.default_time2retain == 3600; }},
    {"MaxConnections", "1", [](const negotiated& agreed) { return agreed.max_connections == 1; }},
    {"ErrorRecoveryLevel", "0", [](const negotiated& agreed) { return agreed.error_recovery_level == 0; }},
    {"DataPDUInOrder", "Yes", [](const negotiated& agreed) { return agreed.data_pdu_in_order; }},
    {"DataSequenceInOrder", "Yes", [](const negotiated& agreed) { return agreed.data_sequence_in_order; }},
    {"HeaderDigest", "CRC32C,None", [](const negotiated& agreed) { return agreed.header_digest; }},
    {"DataDigest", "None,CRC32C", [](const negotiated& agreed) { return !agreed.data_digest; }},
    {"TaskReporting",
     "RFC3720,ResponseFence",
     [](const negotiated& agreed) { return agreed.task_reporting == task_reporting::rfc3720; }},
    {"iSCSIProtocolLevel", "1", [](const negotiated& agreed) { return agreed.iscsi_protocol_level == 1; }},
    {"X-org.persiscsi.test", "a/b:c,d", [](const negotiated& agreed) { return agreed.immediate_data; }},
};
INSTANTIATE_TEST_SUITE_P(all, other_keys, testing::ValuesIn(all_other_keys));

}  // namespace
}  // namespace persiscsi::test
