// SPDX-License-Identifier: Apache-2.0
// Conversations that break a rule about SCSI Command or Data-Out.
#include "tests/conformance/doctored.hpp"

namespace persiscsi::conformance {
namespace {

using enum rule;

constexpr std::string_view unsolicited = "InitialR2T=No;ImmediateData=Yes;FirstBurstLength=1024";
constexpr auto without_f = 0x80;  // of byte 1, flipped

/// A write of 2048 bytes, and R2Ts with the tags 9 and 10 for a half each.
void two_r2ts(talk& t) {
    t.log_in();
    t.command(1, true, 2048);
    t.r2t(1, 9, 0, 0, 1024);
    t.r2t(1, 10, 1, 1024, 1024);
}
void second_half(talk& t) {
    t.data_out(1, 10, 0, 1024, 1024, true);
}
void one_r2t(talk& t) {
    t.log_in();
    t.command(1, true, 2048);
    t.r2t(1, 9, 0, 0, 2048);
}
/// A write of which 512 bytes went with the command, 512 more are due unsolicited.
void unsolicited_due(talk& t, std::uint32_t tag = 1) {
    t.command(tag, true, 2048, talk::bytes(512), talk::flip(1, without_f));
}

}  // namespace

std::vector<doctored> doctored_transfers() {
    return {
        {direction_flags_agree_with_lengths,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 512, {}, talk::flip(1, 0x40));
         }},
        {task_attribute_is_known,
         [](talk& t) {
             t.log_in();
             t.command(1, false, 512, {}, talk::put<1>(1, 0xc6));
         }},
        {immediate_data_as_agreed,
         [](talk& t) {
             t.log_in("ImmediateData=Yes", "ImmediateData=No");
             t.command(1, true, 512, talk::bytes(512));
         }},
        {first_burst_length_is_kept,
         [](talk& t) {
             t.log_in("FirstBurstLength=512", "FirstBurstLength=512");
             t.command(1, true, 1024, talk::bytes(516));
         }},
        {final_flag_says_what_follows,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 1024, talk::bytes(512), talk::flip(1, without_f));
         }},
        {data_stays_within_expected_length,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 512, talk::bytes(516));
         }},
        {bidirectional_command_tells_its_read_length,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 512, {}, talk::flip(1, 0x40));
         }},
        {unsolicited_burst_is_whole,
         [](talk& t) {
             t.log_in(unsolicited, unsolicited);
             unsolicited_due(t);
             t.data_out(1, no_tag, 0, 512, 256, true);
         }},
        {unsolicited_data_as_agreed,
         [](talk& t) {
             t.log_in();
             t.command(1, true, 1024, talk::bytes(512));
             t.data_out(1, no_tag, 0, 512, 512, true);
         }},
        {data_out_answers_an_r2t,
         [](talk& t) {
             one_r2t(t);
             t.data_out(1, 9, 0, 0, 2048, true);
             t.data_out(1, 9, 0, 0, 2048, true);
         }},
        {data_out_copies_the_lun,
         [](talk& t) {
             one_r2t(t);
             t.data_out(1, 9, 0, 0, 2048, true, talk::put<8>(8, 1));
         }},
        {data_sn_counts_up,
         [](talk& t) {
             one_r2t(t);
             t.data_out(1, 9, 1, 0, 2048, true);
         }},
        {buffer_offset_continues,
         [](talk& t) {
             two_r2ts(t);
             t.data_out(1, 9, 0, 4, 1024, true);
             second_half(t);
         }},
        {final_flag_ends_the_r2t,
         [](talk& t) {
             two_r2ts(t);
             t.data_out(1, 9, 0, 0, 512, true);
             second_half(t);
         }},
        {r2ts_are_answered_in_order,
         [](talk& t) {
             two_r2ts(t);
             second_half(t);
             t.data_out(1, 9, 0, 0, 1024, true);
         }},
        {r2t_is_honoured,
         [](talk& t) {
             one_r2t(t);
             t.data_out(1, 9, 0, 0, 1024, false);
         }},
        {unsolicited_data_keeps_the_order_of_commands,
         [](talk& t) {
             t.log_in(unsolicited, unsolicited);
             unsolicited_due(t);
             unsolicited_due(t, 2);
             t.data_out(2, no_tag, 0, 512, 512, true);
             t.data_out(1, no_tag, 0, 512, 512, true);
         }},
        {data_out_fills_whole_words,
         [](talk& t) {
             one_r2t(t);
             t.data_out(1, 9, 0, 0, 1022, false);
             t.data_out(1, 9, 1, 1022, 1026, true);
         }},
    };
}

}  // namespace persiscsi::conformance
