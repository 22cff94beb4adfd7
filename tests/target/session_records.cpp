// SPDX-License-Identifier: Apache-2.0
// The sessions of a target_server and the life of their connections (RFC 7143 §6.3, §11.14).
#include "tests/target/connection.hpp"
#include "tests/target/server.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace persiscsi::target {

namespace asio = boost::asio;

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
        if (reinstated) remove(same);
        return begin_session(from, login, request, reinstated);
    }
    auto* session = find_session(login, request);
    refused = session ? join(*session, from, request) : pdu::login_status::session_does_not_exist;
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
                                      const pdu::login_request& request) {
    const auto cid = static_cast<std::uint16_t>(request.cid);
    const auto is_lost = [&](const auto& each) { return each.second.cid == cid; };
    const bool reinstated =
        session.connections.contains(cid) || std::any_of(session.lost.begin(), session.lost.end(), is_lost);
    if (!reinstated && !session.state->devices) return pdu::login_status::cannot_include_in_session;
    if (!reinstated && session.connections.size() >= session.state->agreed.max_connections)
        return pdu::login_status::too_many_connections;
    std::erase_if(session.lost, is_lost);
    drop(session, cid, "its connection was reinstated");
    session.connections[cid] = from;
    ++(reinstated ? counters.connection_reinstatements : counters.further_connections);
    return pdu::login_status::success;
}

void target_server::remove(records_iterator which) {
    const auto old = std::exchange(which->connections, {});
    for (const auto& [cid, on] : old) on->abandon_session();
    records.erase(which);
    for (const auto& [cid, on] : old) on->close("its session was reinstated");
}

void target_server::drop(session_record& session, std::uint16_t cid, const std::string& reason) {
    const auto old = session.connections.extract(cid);
    if (old.empty()) return;
    session.state->may_have_holes = true;
    old.mapped()->abandon_session();
    old.mapped()->close(reason);
}

pdu::logout_outcome target_server::log_out(session_record& session,
                                           const connection& from,
                                           const pdu::logout_request& request) {
    using enum pdu::logout_outcome;
    const auto cid = static_cast<std::uint16_t>(request.cid);
    if (request.reason == pdu::logout_reason::close_session) {
        session.lost.clear();
        std::vector<std::uint16_t> others;
        for (const auto& [other, on] : session.connections)
            if (on.get() != &from) others.push_back(other);
        for (const auto other : others) drop(session, other, "its session was logged out");
        return closed;
    }
    const auto lost = std::find_if(
        session.lost.begin(), session.lost.end(), [&](const auto& each) { return each.second.cid == cid; });
    const auto found = session.connections.find(cid);
    if (found == session.connections.end() && lost == session.lost.end()) return cid_not_found;
    if (request.reason == pdu::logout_reason::remove_connection_for_recovery) return recovery_not_supported;
    if (lost != session.lost.end()) session.lost.erase(lost);
    if (found != session.connections.end() && found->second.get() != &from)
        drop(session, cid, "it was logged out on another connection");
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
        if (!logout && session.state->devices && session.retain_seconds > 0 && !stopped_) retain(session, cid);
        return end_if_over(session);
    }
}

void target_server::retain(session_record& session, std::uint16_t cid) {
    const auto loss = ++last_loss_;
    auto& lost = session.lost[loss];
    lost.cid = cid;
    lost.retention = std::make_unique<asio::steady_timer>(io, std::chrono::seconds(session.retain_seconds));
    lost.retention->async_wait(
        [self = shared_from_this(), tsih = session.info.tsih, loss](boost::system::error_code error) {
            const std::lock_guard lock(self->mutex);
            if (error) return;
            for (auto& each : self->records) {
                if (each.info.tsih != tsih || each.lost.erase(loss) == 0) continue;
                return self->end_if_over(each);
            }
        });
}

void target_server::end_if_over(const session_record& session) {
    if (!session.connections.empty() || !session.lost.empty()) return;
    records.remove_if([&](const auto& each) { return &each == &session; });
}

std::uint16_t target_server::unused_tsih() {
    const auto used = [&](std::uint16_t tsih) {
        return std::any_of(records.begin(), records.end(), [&](const auto& each) { return each.info.tsih == tsih; });
    };
    do ++last_tsih_;
    while (last_tsih_ == 0 || used(last_tsih_));
    return last_tsih_;
}

void target_server::reset_units(const device_server& devices, pdu::lun_id lun, bool all_units) {
    for (auto& record : records) {
        if (record.state->devices != &devices) continue;
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
