// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

constexpr target all[] = {
    {"pdu_header", &pdu_header, &header_seeds, "every layout of pdu/: decode, encode, print"},
    {"pdu_stream", &pdu_stream, &stream_seeds, "pdu_reader on any bytes in any pieces"},
    {"pdu_frames", &pdu_frames, &frame_seeds, "frame and pdu_reader against each other, digests, flipped bits"},
    {"pdu_ahs", &pdu_ahs, &ahs_seeds, "Additional Header Segments"},
    {"pdu_text", &pdu_text, &text_seeds, "key=value texts"},
    {"login", &login_dialogue_text, &login_seeds, "whole logins: stages, CHAP, every operational key"},
    {"login_values", &login_values, &value_seeds, "numbers, booleans, binaries, lists, values of keys"},
    {"send_targets", &send_targets, &send_targets_seeds, "answers to SendTargets"},
    {"names", &names, &name_seeds, "portals, iSCSI names, LUNs, ids"},
    {"urls", &urls, &url_seeds, "iscsi:// and session: operands"},
    {"scsi_sense", &scsi_sense, &sense_seeds, "sense data, fixed and descriptors"},
    {"scsi_inquiry", &scsi_inquiry, &inquiry_seeds, "standard INQUIRY data"},
    {"scsi_vpd", &scsi_vpd, &vpd_seeds, "VPD pages"},
    {"scsi_capacity", &scsi_capacity, &capacity_seeds, "READ CAPACITY (10) and (16)"},
    {"scsi_report_luns", &scsi_report_luns, &report_luns_seeds, "REPORT LUNS"},
    {"scsi_mode_sense", &scsi_mode_sense, &mode_sense_seeds, "MODE SENSE (6) and (10)"},
    {"scsi_replies", &scsi_replies, &scsi_reply_seeds, "the replies of the other SCSI commands"},
    {"control_json", &control_json, &json_seeds, "bodies of the control API's requests"},
    {"control_target", &control_target, &control_target_seeds, "paths and queries of the control API"},
    {"piped_ids", &piped_ids, &piped_id_seeds, "ids on standard input of the commands"},
    {"table_rows", &table_rows, &row_seeds, "records of the durable table out of their rows"},
    {"session", &session, &session_seeds, "whole sessions: target, network, clock and callers in any order"},
};

}  // namespace

std::span<const target> targets() {
    return all;
}

const target* find_target(std::string_view name) {
    const auto found = std::ranges::find(targets(), name, &target::name);
    return found == targets().end() ? nullptr : &*found;
}

}  // namespace persiscsi::fuzz
