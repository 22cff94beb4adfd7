// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// Task attributes (RFC 7143 §11.3.1).
enum class task_attribute : std::uint8_t { untagged = 0, simple = 1, ordered = 2, head_of_queue = 3, aca = 4 };

/// SCSI Command (RFC 7143 §11.3).
struct scsi_command {
    static constexpr auto opcode = pdu::opcode::scsi_command;
    static constexpr std::string_view title = "SCSI Command";

    bool immediate = false;
    bool final = false;
    bool read = false;
    bool write = false;
    task_attribute attribute = task_attribute::simple;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    std::uint32_t expected_data_transfer_length = 0;
    command_sn cmd_sn{};
    status_sn exp_stat_sn{};
    cdb_bytes cdb{};

    static constexpr auto layout =
        bhs_layout(flag<0, 1>("I", &scsi_command::immediate),
                   flag<1, 0>("F", &scsi_command::final),
                   flag<1, 1>("R", &scsi_command::read),
                   flag<1, 2>("W", &scsi_command::write),
                   bits<1, 5, 7>("ATTR", &scsi_command::attribute),
                   field<8>("LUN", &scsi_command::lun),
                   field<16>("ITT", &scsi_command::initiator_task_tag),
                   field<20>("ExpectedDataTransferLength", &scsi_command::expected_data_transfer_length),
                   field<24>("CmdSN", &scsi_command::cmd_sn),
                   field<28>("ExpStatSN", &scsi_command::exp_stat_sn),
                   field<32>("CDB", &scsi_command::cdb));
};

}  // namespace persiscsi::pdu
