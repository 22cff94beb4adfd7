// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fuzz/input.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace persiscsi::fuzz {

/// One decoder under attack: `body` feeds it the bytes and checks what must hold, `seeds` are inputs it knows.
struct target {
    std::string_view name;
    void (*body)(input from);
    std::vector<bytes> (*seeds)();
    std::string_view covers;
};

[[nodiscard]] std::span<const target> targets();
/// nullptr where there is none of that name.
[[nodiscard]] const target* find_target(std::string_view name);

// pdu_targets.cpp
void pdu_header(input from);
void pdu_stream(input from);
void pdu_frames(input from);
void pdu_ahs(input from);
void pdu_text(input from);
// login_targets.cpp
void login_dialogue_text(input from);
void login_values(input from);
void send_targets(input from);
// name_targets.cpp
void names(input from);
void urls(input from);
// scsi_targets.cpp
void scsi_sense(input from);
void scsi_inquiry(input from);
void scsi_vpd(input from);
void scsi_capacity(input from);
void scsi_report_luns(input from);
void scsi_mode_sense(input from);
// scsi_reply_targets.cpp, with its seeds
void scsi_replies(input from);
std::vector<bytes> scsi_reply_seeds();
// control_targets.cpp
void control_json(input from);
void control_target(input from);
void piped_ids(input from);
void table_rows(input from);

// session_targets.cpp
void session(input from);

// pdu_seeds.cpp
std::vector<bytes> header_seeds();
std::vector<bytes> stream_seeds();
std::vector<bytes> frame_seeds();
std::vector<bytes> ahs_seeds();
std::vector<bytes> text_seeds();
// login_seeds.cpp
std::vector<bytes> login_seeds();
std::vector<bytes> value_seeds();
std::vector<bytes> send_targets_seeds();
std::vector<bytes> name_seeds();
std::vector<bytes> url_seeds();
// scsi_seeds.cpp
std::vector<bytes> sense_seeds();
std::vector<bytes> inquiry_seeds();
std::vector<bytes> vpd_seeds();
std::vector<bytes> capacity_seeds();
std::vector<bytes> report_luns_seeds();
std::vector<bytes> mode_sense_seeds();
// control_seeds.cpp
std::vector<bytes> json_seeds();
std::vector<bytes> control_target_seeds();
std::vector<bytes> piped_id_seeds();
std::vector<bytes> row_seeds();
// session_seeds.cpp
std::vector<bytes> session_seeds();

/// Words worth trying anywhere: key names, constants, numbers at the limits.
[[nodiscard]] std::vector<std::string> dictionary();

}  // namespace persiscsi::fuzz
