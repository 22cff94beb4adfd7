// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace persiscsi::pdu {

/// Bits 0-5 of byte 0 (RFC 7143 §11.2.1.2). Values below 0x20 are the initiator's, the others the target's.
enum class opcode : std::uint8_t {
    nop_out = 0x00,
    scsi_command = 0x01,
    task_management_request = 0x02,
    login_request = 0x03,
    text_request = 0x04,
    data_out = 0x05,
    logout_request = 0x06,
    snack_request = 0x10,
    nop_in = 0x20,
    scsi_response = 0x21,
    task_management_response = 0x22,
    login_response = 0x23,
    text_response = 0x24,
    data_in = 0x25,
    logout_response = 0x26,
    r2t = 0x31,
    async_message = 0x32,
    reject = 0x3f,
};

}  // namespace persiscsi::pdu
