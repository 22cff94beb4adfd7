// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/judge.hpp"

#include "pdu/print.hpp"

#include <utility>

namespace persiscsi::conformance {

void judge::broken(rule which, const std::string& detail) {
    findings_.push_back({which, now_at_, now_.empty() ? detail : detail + " in " + now_});
}

report judge::reporter() {
    return [this](rule which, const std::string& detail) { broken(which, detail); };
}

judged_connection& judge::at(std::uint32_t connection) {
    return connections_[connection];
}

judged_task* judge::find(std::uint32_t itt) {
    const auto found = session_.tasks.find(itt);
    return found == session_.tasks.end() ? nullptr : &found->second;
}

void judge::opened(std::uint32_t connection) {
    end_connection(connection);
    at(connection) = {};
    at(connection).phase = connection_phase::login;
}

void judge::closed(std::uint32_t connection) {
    end_connection(connection);
}

/// The commands of a connection that is gone wait for its logout from ErrorRecoveryLevel 1 on, and are over otherwise.
void judge::end_connection(std::uint32_t connection) {
    auto& ended = at(connection);
    if (std::exchange(ended.phase, connection_phase::closed) == connection_phase::closed) return;
    if (ended.first_login && session_.cids.contains(ended.cid())) session_.logged_out.erase(ended.cid());
    for (auto task = session_.tasks.begin(); task != session_.tasks.end();) {
        const bool on_it = task->second.connection == connection;
        const bool kept = session_.agreed.error_recovery_level > 0 && task->second.kind == pdu::opcode::scsi_command;
        if (on_it && kept) {
            task->second.orphaned = true;
            task->second.status_sn.reset();  // it comes again
        }
        task = on_it && !kept ? session_.tasks.erase(task) : std::next(task);
    }
}

/// A lost connection was logged out: the target has discarded the commands that it had not acknowledged, and the others
/// too where they may not be reassigned (RFC 7143 §11.14).
void judge::end_logged_out(std::uint32_t connection, bool for_recovery) {
    for (auto& [itt, task] : session_.tasks) {
        if (!task.orphaned || task.connection != connection) continue;
        task.logged_out = true;
        const bool acknowledged = ahead(task.cmd_sn, session_.exp_cmd_sn) > 0;
        task.rejected = task.rejected || (acknowledged && !for_recovery);
    }
}

void judge::sent(std::uint32_t connection, std::span<const std::byte> bytes) {
    now_at_ = connection;
    auto& cutter = at(connection).from_initiator;
    cutter.feed(bytes);
    while (const auto pdu = cutter.next(at(connection).digests)) {
        now_ = pdu::print(pdu->bhs);
        ++judged_;
        on_sent(*pdu);
        now_.clear();
    }
}

void judge::received(std::uint32_t connection, std::span<const std::byte> bytes) {
    now_at_ = connection;
    auto& one = at(connection);
    if (one.statuses) one.exp_stat_sn_floor = one.statuses->first_missing;
    one.from_target.feed(bytes);
    while (const auto pdu = one.from_target.next(one.digests)) {
        now_ = pdu::print(pdu->bhs);
        ++judged_;
        one.lost_sync = one.lost_sync || pdu->header_digest_wrong;
        if (!one.lost_sync && !pdu->data_digest_wrong) on_received(*pdu);  // RFC 7143 §7.8: it counts as not come
        now_.clear();
    }
}

void judge::rest() {
    for (auto& [number, connection] : connections_) {
        if (connection.phase != connection_phase::full_feature || connection.logout_sent) continue;
        now_at_ = number;
        for (const auto& ping : connection.pings)
            broken(rule::nop_in_is_answered, "NOP-In with TTT " + std::to_string(ping.ttt));
        for (const auto& ack : connection.acks)
            if (ack.due) broken(rule::data_ack_is_sent_when_asked_for, "Data-In with TTT " + std::to_string(ack.ttt));
        for (const auto& [itt, task] : session_.tasks)
            if (task.connection == number && !task.r2ts.empty() && !task.status_sn)
                broken(rule::r2t_is_honoured, "R2T with TTT " + std::to_string(task.r2ts.front().ttt));
    }
    for (const auto* left : {&session_.holes, &session_.refused})
        for (const auto number : *left)
            broken(rule::cmd_sn_leaves_no_hole, "CmdSN " + std::to_string(number) + " is not with the target");
}

std::string judge::told() const {
    std::string all;
    for (const auto& [which, connection, detail] : findings_) {
        const auto& row = row_of(which);
        all += std::string(row.name) + " (RFC 7143 §" + std::string(row.section) + "), connection " +
               std::to_string(connection) + ": " + detail + "\n";
    }
    return all;
}

}  // namespace persiscsi::conformance
