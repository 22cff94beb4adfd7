// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pdu/layout.hpp"
#include "pdu/types.hpp"

#include <cstdint>

namespace persiscsi::pdu {

/// SNACK types (RFC 7143 §11.16.1).
enum class snack_type : std::uint8_t { data_or_r2t = 0, status = 1, data_ack = 2, r_data = 3 };

/// SNACK Request (RFC 7143 §11.16).
struct snack_request {
    static constexpr auto opcode = pdu::opcode::snack_request;
    static constexpr std::string_view title = "SNACK Request";

    snack_type type = snack_type::data_or_r2t;
    lun_id lun{};
    task_tag initiator_task_tag = task_tag::reserved;
    transfer_tag target_transfer_tag = transfer_tag::reserved;
    status_sn exp_stat_sn{};
    std::uint32_t beg_run = 0;
    std::uint32_t run_length = 0;

    static constexpr auto layout = bhs_layout(one<1, 0>(),
                                              bits<1, 4, 7>("Type", &snack_request::type),
                                              field<8>("LUN", &snack_request::lun),
                                              field<16>("ITT", &snack_request::initiator_task_tag),
                                              field<20>("TTT/SNACKTag", &snack_request::target_transfer_tag),
                                              field<28>("ExpStatSN", &snack_request::exp_stat_sn),
                                              field<40>("BegRun", &snack_request::beg_run),
                                              field<44>("RunLength", &snack_request::run_length));
};

}  // namespace persiscsi::pdu
