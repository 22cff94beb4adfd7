// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/conformance_case.hpp"

namespace persiscsi::conformance {

/// Sessions at error recovery levels 1 and 2, with one connection or more.
class recovery_conformance_case : public conformance_case {
  protected:
    void at_level(std::uint8_t level, std::uint16_t connections = 1, const pdu::text_keys& more = {}) {
        options.login.wishes.error_recovery_level = level;
        options.login.wishes.max_connections = connections;
        options.login.wishes.max_outstanding_r2t = 1;  // RFC 7143 §13.19
        log_in_all(with({{"ErrorRecoveryLevel", std::to_string(level)},
                         {"MaxConnections", std::to_string(connections)},
                         {"MaxOutstandingR2T", "1"}},
                        more));
        (void)target->take<session::login_finished>();
    }
    void acknowledging_data_in(pdu::task_tag tag, std::uint32_t sn, std::uint32_t offset, bool last) {
        say(pdu::data_in{.final = last,
                         .acknowledge = true,
                         .has_status = last,
                         .lun = {},
                         .initiator_task_tag = tag,
                         .target_transfer_tag = pdu::transfer_tag{0xabcd},
                         .data_sn = {sn},
                         .buffer_offset = offset},
            pattern(512),
            last);
    }
    /// The target has seen all commands so far.
    void acknowledge_commands(std::uint32_t next_cmd_sn, connection_number connection = 0) {
        target->exp_cmd_sn = {next_cmd_sn};
        say(pdu::nop_in{}, {}, false, connection);
    }
    /// The only connection breaks and is reinstated; the TASK REASSIGN of its command.
    pdu::task_management_request reassignment_after_login() {
        target->drop();
        target->open_transport();
        target->answer_login();
        return next<pdu::task_management_request>();
    }
    /// Connection 1 breaks, connection 0 logs it out; the TASK REASSIGN of its command.
    pdu::task_management_request reassignment_after_logout() {
        target->drop("dropped by the test", 1);
        target->pass(3s);  // the default of DefaultTime2Wait is 2 s
        const auto logout = next<pdu::logout_request>();
        EXPECT_EQ(logout.reason, pdu::logout_reason::remove_connection_for_recovery);
        EXPECT_EQ(logout.cid, pdu::connection_id{1});
        answer_logout(logout);
        return next<pdu::task_management_request>();
    }
    void reassigned(const pdu::task_management_request& request) {
        EXPECT_EQ(request.function, pdu::task_management_function::task_reassign);
        say(pdu::task_management_response{.initiator_task_tag = request.initiator_task_tag});
    }
    /// The connection that the next command goes by, after commands that the test does not look at.
    template <class Submit>
    pdu::task_tag on_connection_1(Submit submit) {
        (void)silent();
        for (int i = 0; i < 2; ++i) {
            const auto tag = submit();
            (void)silent();
            if (!target->at(1).sent.empty()) return tag;
            (void)next<pdu::scsi_command>();
            good_or_data(tag);
        }
        throw std::runtime_error("no command goes by connection 1");
    }
    void good_or_data(pdu::task_tag tag) {
        say(pdu::scsi_response{.underflow = true, .initiator_task_tag = tag, .residual_count = 0x10000});
        (void)target->take<session::scsi_finished>();
    }
};

}  // namespace persiscsi::conformance
