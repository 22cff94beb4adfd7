// SPDX-License-Identifier: Apache-2.0
// The sessions of a target_server and the life of their connections (RFC 7143 §6.3, §11.14).
#include "tests/target/connection.hpp"
#include "tests/target/server.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace persiscsi::target {

namespace asio = boost::asio;

namespace {

bool recovers(const session_record& session) {
    return session.state->agreed.error_recovery_level == 2;
}

/// The initiator port as SCSI names it (RFC 7143 §4.4.2): "iqn…,i,0x" and the ISID in twelve digits.
std::string nexus_of(const std::string& initiator_name, pdu::isid isid) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%012llx", static_cast<unsigned long long>(isid));
    return initiator_name + ",i,0x" + digits;
}

void tell_units_of_loss(const session_record& session) {
    if (session.state->devices) session.state->devices->nexus_lost(session.state->nexus);
}

}  // namespace

bool session_record::has_cid(std::uint16_t cid) const {
    return connections.contains(cid) || std::any_of(lost.begin(), lost.end(), [&](const auto& each) {
               return each.second.cid == cid && !each.second.released;
           });
}

std::vector<session_info> target_server::sessions() const {
    std::vector<session_info> result;
    for (const auto& record : records) {
        auto& info = result.emplace_back(record.info);
        info.connected = !record.connections.empty();
        for (const auto& [cid, on] : record.connections) {
            info.connections.push_back(on->info());
            info.tasks += info.connections.back().tasks;
        }
    }
    return result;
}

target_server::records_iterator target_server::session_of(const login_phase& login, pdu::isid isid) {
    const auto target = login.target() ? login.target()->name : "";
    return std::find_if(records.begin(), records.end(), [&](const auto& each) {
        return each.info.isid == static_cast<std::uint64_t>(isid) &&
               each.info.initiator_name == login.initiator_name() && each.info.target == target;
    });
}

session_record* target_server::find_session(const login_phase& login, const pdu::login_request& request) {
    if (!login.identified()) return nullptr;
    const auto found = session_of(login, request.isid);
    const bool same = found != records.end() && found->info.tsih == static_cast<std::uint16_t>(request.tsih);
    return same ? &*found : nullptr;
}

session_record* target_server::establish(const std::shared_ptr<connection>& from,
                                         const login_phase& login,
                                         const pdu::login_request& request,
                                         pdu::login_status& refused) {
    if (request.tsih == pdu::tsih::fresh) {
        const auto same = session_of(login, request.isid);
        const bool reinstated = same != records.end();
        if (reinstated) remove(same, "its session was reinstated");
        return begin_session(from, login, request, reinstated);
    }
    auto* session = find_session(login, request);
    refused = session ? join(*session, from, login, request) : pdu::login_status::session_does_not_exist;
    return refused == pdu::login_status::success ? session : nullptr;
}

session_record* target_server::begin_session(const std::shared_ptr<connection>& from,
                                             const login_phase& login,
                                             const pdu::login_request& request,
                                             bool reinstated) {
    auto* devices = login.target() ? devices_of(*login.target()) : nullptr;
    const auto window = login.target() ? login.target()->limits.command_window : 1;
    session_record fresh;
    fresh.state = std::make_shared<session_state>(devices, login.agreed(), request.cmd_sn, window);
    if (devices && login.target()->unit_attention)
        fresh.state->attentions = devices->attention_for_all(reinstated ? sense::nexus_loss : sense::power_on);
    fresh.state->nexus = nexus_of(login.initiator_name(), request.isid);
    fresh.info.isid = static_cast<std::uint64_t>(request.isid);
    fresh.info.initiator_name = login.initiator_name();
    fresh.info.target = login.target() ? login.target()->name : "";
    fresh.info.tsih = unused_tsih();
    fresh.info.header_digest = login.agreed().digests.header;
    fresh.info.data_digest = login.agreed().digests.data;
    fresh.connections[static_cast<std::uint16_t>(request.cid)] = from;
    fresh.retain_seconds = login.agreed().default_time2wait + login.agreed().default_time2retain;
    ++(login.discovery() ? counters.discoveries : counters.logins);
    if (reinstated) ++counters.reinstatements;
    return &records.emplace_back(std::move(fresh));
}

pdu::login_status target_server::join(session_record& session,
                                      const std::shared_ptr<connection>& from,
                                      const login_phase& login,
                                      const pdu::login_request& request) {
    const auto cid = static_cast<std::uint16_t>(request.cid);
    const bool reinstated = session.has_cid(cid);
    if (!reinstated && !session.state->devices) return pdu::login_status::cannot_include_in_session;
    if (!reinstated && session.connections.size() >= session.state->agreed.max_connections)
        return pdu::login_status::too_many_connections;
    // RFC 7143 §11.14: an implicit logout, whose reason depends on the ErrorRecoveryLevel.
    if (reinstated)
        let_go(session, cid, "its connection was reinstated", recovers(session), login.first_request().exp_stat_sn);
    session.connections[cid] = from;
    ++(reinstated ? counters.connection_reinstatements : counters.further_connections);
    return pdu::login_status::success;
}

void target_server::remove(records_iterator which, const std::string& reason) {
    const auto old = std::exchange(which->connections, {});
    for (const auto& [cid, on] : old) on->abandon_session({});
    tell_units_of_loss(*which);
    records.erase(which);
    for (const auto& [cid, on] : old) on->close(reason);
}

void target_server::let_go(session_record& session,
                           std::uint16_t cid,
                           const std::string& reason,
                           bool for_recovery,
                           std::optional<pdu::status_sn> exp_stat_sn) {
    session.state->may_have_holes = true;
    if (const auto old = session.connections.extract(cid)) {
        const auto loss = for_recovery ? retain(session, cid, *old.mapped()) : std::nullopt;
        old.mapped()->abandon_session(loss);
        old.mapped()->close(reason);
        if (loss) release(session, *loss, exp_stat_sn);
    }
    std::vector<std::uint64_t> losses;
    for (const auto& [loss, lost] : session.lost)
        if (lost.cid == cid && !lost.released) losses.push_back(loss);
    for (const auto loss : losses) {
        if (for_recovery) {
            release(session, loss, exp_stat_sn);
        } else {
            session.state->end_orphans(loss);
            session.lost.erase(loss);
        }
    }
}

void target_server::release(session_record& session, std::uint64_t loss, std::optional<pdu::status_sn> exp_stat_sn) {
    auto& lost = session.lost.at(loss);
    lost.released = true;
    const bool known = exp_stat_sn && !lost.stat_sn.precedes(*exp_stat_sn);
    session.state->release_orphans(loss, known ? exp_stat_sn : std::nullopt);
    start_retention(session, loss);
}

pdu::logout_outcome target_server::log_out(session_record& session,
                                           const connection& from,
                                           const pdu::logout_request& request) {
    using enum pdu::logout_outcome;
    using reason = pdu::logout_reason;
    const auto cid = static_cast<std::uint16_t>(request.cid);
    if (request.reason == reason::close_session) {
        session.lost.clear();
        std::vector<std::uint16_t> others;
        for (const auto& [other, on] : session.connections)
            if (on.get() != &from) others.push_back(other);
        for (const auto other : others) let_go(session, other, "its session was logged out", false, {});
        return closed;
    }
    const bool for_recovery = request.reason == reason::remove_connection_for_recovery;
    if (!session.has_cid(cid)) return cid_not_found;
    if (for_recovery && !recovers(session)) return recovery_not_supported;
    const auto own = session.connections.find(cid);
    if (own == session.connections.end() || own->second.get() != &from)
        let_go(session, cid, "it was logged out on another connection", for_recovery, request.exp_stat_sn);
    return closed;
}

void target_server::connection_closed(const std::shared_ptr<connection>& which,
                                      std::optional<pdu::logout_reason> logout) {
    connections.erase(which);
    asio::post(io, [which] {});  // it may be in a call of its own, and lives until that has returned
    for (auto& session : records) {
        const auto found = std::find_if(session.connections.begin(), session.connections.end(), [&](const auto& each) {
            return each.second == which;
        });
        if (found == session.connections.end()) continue;
        const auto cid = found->first;
        session.connections.erase(found);
        session.state->may_have_holes = true;
        const bool for_recovery = logout == pdu::logout_reason::remove_connection_for_recovery;
        const auto loss = !logout || for_recovery ? retain(session, cid, *which) : std::nullopt;
        which->abandon_session(recovers(session) ? loss : std::nullopt);
        if (loss && for_recovery) release(session, *loss, {});
        if (logout == pdu::logout_reason::close_connection)
            std::erase_if(session.lost, [&](const auto& each) {
                return each.second.released && !session.state->has_orphans(each.first);
            });
        return end_if_over(session);
    }
}

std::optional<std::uint64_t> target_server::retain(session_record& session, std::uint16_t cid, const connection& lost) {
    if (!session.state->devices || session.retain_seconds == 0 || stopped_) return std::nullopt;
    const auto loss = ++last_loss_;
    session.lost[loss] = {cid, false, lost.next_stat_sn(), nullptr};
    start_retention(session, loss);
    return loss;
}

void target_server::start_retention(session_record& session, std::uint64_t loss) {
    auto& timer = session.lost.at(loss).retention;
    timer = std::make_unique<asio::steady_timer>(io, std::chrono::seconds(session.retain_seconds));
    timer->async_wait([self = shared_from_this(), tsih = session.info.tsih, loss](boost::system::error_code error) {
        const std::lock_guard lock(self->mutex);
        if (error) return;
        for (auto& each : self->records) {
            if (each.info.tsih != tsih || each.lost.erase(loss) == 0) continue;
            each.state->end_orphans(loss);
            return self->end_if_over(each);
        }
    });
}

void target_server::end_if_over(session_record& session) {
    if (!session.connections.empty() || !session.lost.empty()) return;
    tell_units_of_loss(session);
    records.remove_if([&](const auto& each) { return &each == &session; });
}

void target_server::end_sessions_of(session_record& session, const connection& from) {
    const auto* devices = session.state->devices;
    for (auto each = records.begin(); each != records.end();) {
        const auto which = each++;
        if (&*which != &session && which->state->devices == devices) remove(which, "by a cold reset");
    }
    session.lost.clear();
    drop_others(session, from, 0, "by a cold reset");
    session.lost.clear();  // those of the connections just dropped
}

void target_server::drop_others(session_record& session,
                                const connection& from,
                                std::uint16_t cid,
                                const std::string& reason) {
    std::vector<std::shared_ptr<connection>> dropped;
    for (const auto& [other, on] : session.connections)
        if (on.get() != &from && (cid == 0 || other == cid)) dropped.push_back(on);
    for (const auto& each : dropped) each->close(reason);
}

std::uint16_t target_server::unused_tsih() {
    const auto used = [&](std::uint16_t tsih) {
        return std::any_of(records.begin(), records.end(), [&](const auto& each) { return each.info.tsih == tsih; });
    };
    do ++last_tsih_;
    while (last_tsih_ == 0 || used(last_tsih_));
    return last_tsih_;
}

void target_server::reset_units(session_record* issuing, pdu::lun_id lun, bool all_units) {
    auto& devices = *issuing->state->devices;
    devices.reset(all_units ? std::nullopt : std::optional(lun));
    for (auto& record : records) {
        if (record.state->devices != &devices) continue;
        if (&record != issuing)
            record.state->announce_termination(all_units ? std::nullopt : std::optional(lun), nullptr);
        record.state->abort_tasks(all_units ? std::nullopt : std::optional(lun));
        if (!devices.options().unit_attention) continue;
        auto told = devices.attention_for_all(sense::device_reset);
        if (!all_units) std::erase_if(told, [&](const auto& each) { return each.first != lun_number(lun); });
        record.state->attentions.insert(told.begin(), told.end());
    }
}

device_server* target_server::devices_of(const target_options& target) {
    const auto found =
        std::find_if(devices_.begin(), devices_.end(), [&](const auto& each) { return &each.options() == &target; });
    return found == devices_.end() ? nullptr : &*found;
}

}  // namespace persiscsi::target
