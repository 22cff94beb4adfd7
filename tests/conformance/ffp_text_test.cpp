// SPDX-License-Identifier: Apache-2.0
// Full Feature Phase 18: Text Requests.
#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {
namespace {

using pdu::text_request;

/// A Discovery session that has asked for the targets.
struct discovery {
    explicit discovery(session_options& options) {
        options.login.type = session_type::discovery;
        options.login.target_name.clear();
    }
    static constexpr std::string_view part_one = "TargetName=iqn.2026-11.org.example:a";
};

const pdu::text_keys for_discovery = {{"MaxRecvDataSegmentLength", "8192"}};
const pdu::text_keys all_targets = {{"SendTargets", "All"}};
const bytes first_part = pdu::encode_text({{"TargetName", "iqn.2026-11.org.example:a"}});

TEST_F(conformance_case, ffp_18_1_text_request_has_its_own_numbers_and_no_transfer_tag) {
    const discovery kind(options);
    target_keys = for_discovery;
    log_in();
    target->core.submit_text(all_targets, &owner, target->now);
    bytes text;
    const auto request = next<text_request>(&text);
    EXPECT_EQ(request.cmd_sn, target->exp_cmd_sn);
    EXPECT_EQ(request.target_transfer_tag, pdu::transfer_tag::reserved);
    EXPECT_NE(request.initiator_task_tag, pdu::task_tag::reserved);
    EXPECT_TRUE(request.final && !request.continued);
    EXPECT_EQ(text, pdu::encode_text(all_targets));
}

TEST_F(conformance_case, ffp_18_2_unfinished_response_is_asked_on_for) {
    const discovery kind(options);
    target_keys = for_discovery;
    log_in();
    target->core.submit_text(all_targets, &owner, target->now);
    const auto first = next<text_request>();
    say(pdu::text_response{.lun = pdu::lun_id{5},
                           .initiator_task_tag = first.initiator_task_tag,
                           .target_transfer_tag = pdu::transfer_tag{0x12345678}},
        first_part);
    bytes text;
    const auto second = next<text_request>(&text);
    EXPECT_EQ(second.initiator_task_tag, first.initiator_task_tag);
    EXPECT_EQ(second.target_transfer_tag, pdu::transfer_tag{0x12345678});
    EXPECT_EQ(second.lun, pdu::lun_id{5});
    EXPECT_EQ(second.immediate, first.immediate);
    EXPECT_TRUE(text.empty());
    say(pdu::text_response{.final = true, .initiator_task_tag = first.initiator_task_tag},
        pdu::encode_text({{"TargetAddress", "192.0.2.7:3260,1"}}));
    const auto finished = target->take<session::text_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].keys.size(), 2U);
}

TEST_F(conformance_case, ffp_18_3_1_transfer_tag_of_a_finished_response_is_ignored) {
    const discovery kind(options);
    target_keys = for_discovery;
    log_in();
    target->core.submit_text(all_targets, &owner, target->now);
    const auto request = next<text_request>();
    say(pdu::text_response{.final = true,
                           .initiator_task_tag = request.initiator_task_tag,
                           .target_transfer_tag = pdu::transfer_tag{7}},
        first_part);
    EXPECT_TRUE(silent());
    EXPECT_EQ(target->take<session::text_finished>().size(), 1U);
    target->core.logout(target->now);
    EXPECT_EQ(next<pdu::logout_request>().reason, pdu::logout_reason::close_session);
}

TEST_F(conformance_case, ffp_18_3_2_unfinished_response_without_a_transfer_tag_ends_the_connection) {
    const discovery kind(options);
    target_keys = for_discovery;
    log_in();
    target->core.submit_text(all_targets, &owner, target->now);
    const auto request = next<text_request>();
    say(pdu::text_response{.initiator_task_tag = request.initiator_task_tag}, first_part);
    EXPECT_TRUE(closed());
    const auto finished = target->take<session::text_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_TRUE(finished[0].failed);
}

TEST_F(conformance_case, ffp_18_4_target_that_negotiates_in_a_discovery_session_meets_recovery) {
    const discovery kind(options);
    target_keys = for_discovery;
    log_in();
    target->pass(60s);
    EXPECT_TRUE(silent()) << "no ping either";
    target->core.submit_text(all_targets, &owner, target->now);
    const auto request = next<text_request>();
    say(pdu::text_response{.initiator_task_tag = request.initiator_task_tag,
                           .target_transfer_tag = pdu::transfer_tag{7}},
        pdu::encode_text({{"MaxBurstLength", "512"}}));
    EXPECT_TRUE(silent());
    EXPECT_TRUE(closed());
    const auto finished = target->take<session::text_finished>();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_TRUE(finished[0].failed);
}

TEST_F(conformance_case, ffp_18_5_negotiation_that_the_target_resets_leaves_the_connection_in_place) {
    log_in({{"ImmediateData", "No"}});
    const pdu::async_message wish{.event = pdu::async_event::negotiation_request, .parameter3 = 3};
    say(wish);
    const auto first = next<text_request>();
    say(pdu::text_response{.initiator_task_tag = first.initiator_task_tag, .target_transfer_tag = pdu::transfer_tag{7}},
        pdu::encode_text({{"MaxRecvDataSegmentLength", "512"}}));
    const auto header = pdu::encode(next<text_request>());
    say(pdu::reject{.reason = pdu::reject_reason::negotiation_reset}, {header.begin(), header.end()});
    EXPECT_FALSE(closed());
    auto tag = write(8192);
    (void)next<pdu::scsi_command>();
    r2t(tag, 0x10, 0, 0, 8192);
    EXPECT_EQ(data_outs(0x10, 0, 8192), written);
    good(tag);
    expect_good();

    say(wish);
    say(pdu::text_response{.final = true, .initiator_task_tag = next<text_request>().initiator_task_tag},
        pdu::encode_text({{"MaxRecvDataSegmentLength", "1024"}}));
    tag = write(8192);
    (void)next<pdu::scsi_command>();
    r2t(tag, 0x10, 0, 0, 8192);
    EXPECT_EQ(data_outs(0x10, 0, 8192, 1024), written);
    good(tag);
    expect_good();
}

}  // namespace
}  // namespace persiscsi::conformance
