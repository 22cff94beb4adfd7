// SPDX-License-Identifier: Apache-2.0
// Conversations that break a rule about frames, numbers or tags.
#include "tests/conformance/doctored.hpp"

namespace persiscsi::conformance {
namespace {

using enum rule;
using pdu::task_tag;
constexpr std::string_view digests = "HeaderDigest=CRC32C;DataDigest=CRC32C";

void ping(talk& t, std::uint32_t tag, const talk::edit& spoil = {}) {
    t.send(pdu::nop_out{.immediate = true, .initiator_task_tag = task_tag{tag}}, {}, spoil);
}
void reset_unit(talk& t, talk::bytes data, const talk::edit& spoil) {
    using function = pdu::task_management_function;
    t.send(pdu::task_management_request{.immediate = true,
                                        .function = function::logical_unit_reset,
                                        .lun = pdu::lun_id{7},
                                        .initiator_task_tag = task_tag{1}},
           std::move(data),
           spoil);
}
void good(talk& t, std::uint32_t tag) {
    t.answer(pdu::scsi_response{.initiator_task_tag = task_tag{tag}});
}
void with_digests(talk& t) {
    t.log_in(digests, digests);
    t.digests = {.header = true, .data = true};
}
void bidirectional(talk& t, talk::bytes ahs) {
    pdu::scsi_command command{.final = true,
                              .read = true,
                              .write = true,
                              .initiator_task_tag = task_tag{1},
                              .expected_data_transfer_length = 0};
    command.cmd_sn = {t.cmd_sn++};
    command.exp_stat_sn = {t.stat_sn};
    t.send_frame(pdu::frame(pdu::encode(command), ahs, {}, t.digests));
}
/// ErrorRecoveryLevel 1, and a read whose first Data-In did not come.
void with_missing_data(talk& t) {
    t.log_in("ErrorRecoveryLevel=2", "ErrorRecoveryLevel=1");
    t.command(1, false, 1024);
    t.data_in(1, 1, 512, 512);
    t.answer(pdu::scsi_response{.initiator_task_tag = task_tag{1}, .exp_data_sn = {2}});
}

}  // namespace

std::vector<doctored> doctored_frames() {
    return {
        {opcode_is_an_initiators,
         [](talk& t) {
             t.log_in();
             t.send(pdu::nop_out{.immediate = true}, {}, talk::put<1>(0, 0x5c));
         }},
        {reserved_in_nop_out,
         [](talk& t) {
             t.log_in();
             ping(t, 1, talk::flip(47, 1));
         }},
        {reserved_in_scsi_command,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 512, {}, talk::flip(1, 0x10));
         }},
        {reserved_in_task_management,
         [](talk& t) {
             t.log_in();
             reset_unit(t, {}, talk::put(32, 1));
         }},
        {reserved_in_login_request,
         [](talk& t) {
             t.open();
             t.login_request(pdu::login_stage::security_negotiation, talk::names, talk::flip(0, 0x40));
         }},
        {reserved_in_text_request,
         [](talk& t) {
             t.log_in();
             t.send(pdu::text_request{.final = true, .initiator_task_tag = task_tag{1}},
                    talk::text("SendTargets=All"),
                    talk::put<8>(8, 1));
         }},
        {reserved_in_data_out,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 512);
             t.r2t(1, 9, 0, 0, 512);
             t.data_out(1, 9, 0, 0, 512, true, talk::put(24, 1));
         }},
        {reserved_in_logout_request,
         [](talk& t) {
             t.log_in();
             t.send(pdu::logout_request{
                 .immediate = true, .initiator_task_tag = task_tag{1}, .cid = pdu::connection_id{3}});
         }},
        {reserved_in_snack_request,
         [](talk& t) {
             with_missing_data(t);
             t.send(pdu::snack_request{.initiator_task_tag = task_tag{1}, .run_length = 1}, {}, [](auto& pdu) {
                 talk::put(28, 1002)(pdu);
                 talk::put(32, 1)(pdu);
             });
         }},
        {no_data_where_none_belongs,
         [](talk& t) {
             t.log_in();
             reset_unit(t, talk::bytes(4), {});
         }},
        {ahs_only_in_scsi_commands,
         [](talk& t) {
             t.log_in();
             pdu::nop_out nop{.immediate = true, .initiator_task_tag = task_tag{1}};
             nop.cmd_sn = {t.cmd_sn};
             nop.exp_stat_sn = {t.stat_sn};
             t.send_frame(pdu::frame(pdu::encode(nop), talk::bytes(4), {}, {}));
         }},
        {ahs_is_well_formed,
         [](talk& t) {
             t.log_in();
             bidirectional(t, {std::byte{0}, std::byte{5}, std::byte{2}, std::byte{9}, {}, {}, {}, {}});
         }},
        {padding_is_zero,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 3, talk::bytes(3), [](auto& pdu) { pdu.back() = std::byte{1}; });
         }},
        {header_digest_is_right,
         [](talk& t) {
             with_digests(t);
             ping(t, 1, talk::flip(48, 1));
         }},
        {data_digest_is_right,
         [](talk& t) {
             with_digests(t);
             t.command(1, true, 4, talk::bytes(4), [](auto& pdu) { pdu.back() ^= std::byte{1}; });
         }},
        {data_segment_fits_the_target,
         [](talk& t) {
             t.log_in("", "MaxRecvDataSegmentLength=512");
             t.command(1, true, 516, talk::bytes(516));
         }},
        {cmd_sn_counts_up,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 0);
             ++t.cmd_sn;
             t.command(2, false, 0);
         }},
        {immediate_carries_current_cmd_sn,
         [](talk& t) {
             t.log_in();
             ping(t, 1, talk::put(24, 9));
         }},
        {cmd_sn_lies_in_the_window,
         [](talk& t) {
             t.window = 1;
             t.log_in();
             t.command(1, false, 0);
             t.command(2, false, 0);
         }},
        {cmd_sn_increases_on_each_connection,
         [](talk& t) {
             t.log_in();
             t.add_connection(1, 1);
             t.cmd_sn = 3;
             t.command(1, false, 0);
             t.cmd_sn = 2;
             t.command(2, false, 0);
             t.cmd_sn = 1;
             t.connection = 0;
             t.stat_sn = 1002;
             t.command(3, false, 0);
         }},
        {cmd_sn_leaves_no_hole,
         [](talk& t) {
             t.log_in();
             t.add_connection(1, 1);
             t.cmd_sn = 2;
             t.command(1, false, 0);
         }},
        {login_cmd_sn_is_the_sessions,
         [](talk& t) {
             t.security_stage();
             t.cmd_sn = 2;
             t.login_request(pdu::login_stage::operational_negotiation, "");
         }},
        {exp_stat_sn_claims_only_what_came,
         [](talk& t) {
             t.log_in();
             ++t.stat_sn;
             ping(t, 1);
         }},
        {exp_stat_sn_tells_what_came,
         [](talk& t) {
             t.log_in();
             t.answer(pdu::nop_in{}, {}, false);
             --t.stat_sn;
             ping(t, 1);
         }},
        {status_waits_for_its_data,
         [](talk& t) {
             with_missing_data(t);
             ping(t, 2);
         }},
        {itt_is_unique_while_in_use,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 0);
             ping(t, 1);
         }},
        {itt_is_not_the_reserved_one,
         [](talk& t) {
             t.log_in();
             t.command(no_tag, false, 0);
         }},
        {itt_names_a_task,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 512);
             t.r2t(1, 9, 0, 0, 512);
             good(t, 1);
             t.data_out(1, 9, 0, 0, 512, true);
         }},
        {task_stays_on_its_connection,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 512);
             t.r2t(1, 9, 0, 0, 512);
             t.data_out(1, 9, 0, 0, 256, false);
             t.add_connection(1, 1);
             t.data_out(1, 9, 1, 256, 256, true);
             t.connection = 0;
             t.stat_sn = 1002;
             t.data_out(1, 9, 1, 256, 256, true);
         }},
        {retry_repeats_everything,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 512);
             --t.cmd_sn;
             t.command(1, false, 1024);
         }},
    };
}

std::vector<doctored> all_doctored() {
    std::vector<doctored> all;
    for (const auto& some : {doctored_frames(), doctored_transfers(), doctored_requests(), doctored_logins()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

std::vector<void (*)(talk&)> sound_conversations() {
    return {
        [](talk& t) {
            t.log_in("InitialR2T=No;FirstBurstLength=1024", "InitialR2T=No;FirstBurstLength=1024");
            t.command(1, true, 3000, talk::bytes(512), talk::flip(1, 0x80));
            t.data_out(1, no_tag, 0, 512, 512, true);
            t.r2t(1, 9, 0, 1024, 1976);
            t.data_out(1, 9, 0, 1024, 1000, false);
            t.data_out(1, 9, 1, 2024, 976, true);
            good(t, 1);
            ping(t, 1);
            t.answer(pdu::nop_in{.initiator_task_tag = task_tag{1}});
            t.send(pdu::logout_request{.immediate = true, .initiator_task_tag = task_tag{1}});
        },
        [](talk& t) {
            with_digests(t);
            t.command(1, true, 3, talk::bytes(3));
            t.command(2, false, 0, {});
            good(t, 1);
            good(t, 2);
            t.answer(pdu::nop_in{.lun = pdu::lun_id{3}, .target_transfer_tag = pdu::transfer_tag{8}}, {}, false);
            t.send(pdu::nop_out{.immediate = true, .lun = pdu::lun_id{3}, .target_transfer_tag = pdu::transfer_tag{8}});
        },
        [](talk& t) {
            t.log_in("ErrorRecoveryLevel=1", "ErrorRecoveryLevel=1");
            t.command(1, false, 1024);
            t.data_in(1, 1, 512, 512, true);
            t.send(pdu::snack_request{.initiator_task_tag = task_tag{1}, .run_length = 1});
            t.data_in(1, 0, 0, 512);
            t.send(pdu::snack_request{.type = pdu::snack_type::data_ack,
                                      .lun = pdu::lun_id{7},
                                      .target_transfer_tag = pdu::transfer_tag{0x55},
                                      .beg_run = 2});
            good(t, 1);
        },
        [](talk& t) {
            bidirectional((t.log_in(), t), {std::byte{0}, std::byte{5}, std::byte{2}, {}, {}, {}, std::byte{2}, {}});
            good(t, 1);
        },
    };
}

}  // namespace persiscsi::conformance
