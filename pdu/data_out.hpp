// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// SCSI Data-Out (RFC 7143 §11.7).
/// Buffer offset in bytes from the start of the command's data.
struct data_out {
    static constexpr auto opcode = pdu::opcode::data_out;
    static constexpr std::string_view title = "SCSI Data-Out";

    bool final = false;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    status_sn exp_stat_sn{};
    pdu::data_sn data_sn{};
    std::uint32_t buffer_offset = 0;

    static constexpr auto layout = bhs_layout(flag<1, 0>("F", &data_out::final),
                                              field<8>("LUN", &data_out::lun),
                                              field<16>("ITT", &data_out::initiator_task_tag),
                                              field<20>("TTT", &data_out::target_transfer_tag),
                                              field<28>("ExpStatSN", &data_out::exp_stat_sn),
                                              field<36>("DataSN", &data_out::data_sn),
                                              field<40>("BufferOffset", &data_out::buffer_offset));
};

}  // namespace persiscsi::pdu
