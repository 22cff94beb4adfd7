// SPDX-License-Identifier: Apache-2.0
// What the target says, and what it means for the tasks.
#include "initiator/scsi/verdict.hpp"
#include "initiator/session/numbers_in_text.hpp"
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Before a command is sent again that the target had no room for.
constexpr milliseconds first_busy_wait{20};
constexpr milliseconds longest_busy_wait{1000};

}  // namespace

std::array<std::span<std::byte>, 2> session_core::receive_space(connection_number which) {
    return connections_[which]->reader.space();
}

void session_core::on_received(std::size_t count, time_point now, connection_number number) {
    now_ = now;
    auto& from = *connections_[number];
    from.reader.filled(count);
    from.last_heard = now;
    while (from.state == connection_state::in_login || from.connected()) {
        failure wrong;
        switch (from.reader.next()) {
            case pdu::pdu_reader::step::need_bytes:
                return;
            case pdu::pdu_reader::step::failed:
                wrong = {from.reader.error(), from.reader.error_detail()};
                break;
            case pdu::pdu_reader::step::header:
                if (from.connected()) wrong = from.ffp->on_header(from.reader);
                break;
            case pdu::pdu_reader::step::pdu:
                wrong = from.connected() ? from.ffp->on_pdu(from.reader, events_) : on_login_pdu(from, now);
                break;
            case pdu::pdu_reader::step::corrupt:
                wrong = from.connected() ? from.ffp->on_corrupt(from.reader)
                                         : failure{from.reader.error(), from.reader.error_detail()};
                break;
        }
        on_events(from, now);
        if (wrong) on_transport_lost(std::move(wrong), now, number);
    }
}

void session_core::on_events(connection& from, time_point now) {
    auto events = std::exchange(events_, {});
    for (const auto& event : events) {
        if (!from.connected()) break;  // an earlier event ended the connection, and with it what the others speak of
        std::visit([&](const auto& happened) { take(from, happened, now); }, event);
    }
    events.clear();
    if (events_.empty()) events_ = std::move(events);  // keeps its memory
    start_logout_when_drained(now);
}

void session_core::take(connection& from, const full_feature_phase::scsi_answered& event, time_point now) {
    auto& task = *event.which;
    if (sent_again(task, event.outcome, now)) return;
    from.made_progress |= !event.outcome.failed;
    finish(task, event.outcome);
    if (from.state == connection_state::logout_requested && !has_tasks(from)) from.at(connection_timer::logout) = now;
}

bool session_core::sent_again(task& task, const scsi_outcome& outcome, time_point now) {
    if (!task.what.repeatable || task.state == task_state::abandoned || phase_ != phase::operational) return false;
    if (outcome.failed.code == protocol_errc::remote_data_lost) {
        reissue(task, outcome.failed);
        return true;
    }
    if (outcome.failed) return false;
    const auto verdict = scsi::after(static_cast<scsi::status>(outcome.status),
                                     scsi::parse_sense(outcome.sense),
                                     std::to_integer<std::uint8_t>(task.what.cdb[0]));
    if (verdict == scsi::verdict::again_later) {
        const auto wait =
            std::min(longest_busy_wait, first_busy_wait * (1 << std::min<std::uint32_t>(task.repeats, 6)));
        if (now + wait >= task.deadline) return false;
        task.not_before = now + wait;
        arm_earlier(timer::tasks, task.not_before);
    } else if (verdict != scsi::verdict::again_at_once || task.repeats >= options_.attention_repeats) {
        return false;
    }
    ++task.repeats;
    forget(task);
    task.allegiance = no_connection;
    const bool later = verdict == scsi::verdict::again_later;
    task.state = later ? task_state::delayed : task_state::waiting;
    if (!later) tasks_.queue(task);
    return true;
}

void session_core::take(connection& from, const full_feature_phase::text_answered& event, time_point) {
    auto& task = *event.which;
    effects_.push_back(
        text_finished{task.owner, event.failed ? about_session(event.failed, from) : failure{}, event.keys});
    forget(task);
    tasks_.erase(task);
    text_request_.clear();
}

void session_core::take(connection& from, const full_feature_phase::ping_answered& event, time_point) {
    from.ping_sent.reset();
    tasks_.erase(*event.which);
    from.ffp->ask_again();
}

void session_core::take(connection& from, const full_feature_phase::async_received& event, time_point now) {
    const auto& message = event.message;
    effects_.push_back(message_received{{message.event,
                                         message.lun,
                                         message.vendor_code,
                                         {message.parameter1, message.parameter2, message.parameter3},
                                         event.data}});
    const failure announced{protocol_errc::remote_closed, "announced by an Asynchronous Message"};
    const seconds time2wait(message.parameter2);
    const seconds time2retain(message.parameter3);
    switch (message.event) {
        case pdu::async_event::logout_request:
            on_logout_wanted(from, message.parameter3, now);
            break;
        case pdu::async_event::negotiation_request:
            on_negotiation_wanted(from, now);
            break;
        case pdu::async_event::connection_drop:
            if (message.parameter1 < connections_.size() && connections_[message.parameter1]->connected()) {
                lose_connection(*connections_[message.parameter1], announced, time2wait, time2retain, now);
            }
            break;
        case pdu::async_event::session_drop:
            for (std::size_t i = 0; i < connections_.size(); ++i) {
                if (connections_[i]->connected())
                    lose_connection(*connections_[i], announced, time2wait, time2retain, now);
            }
            break;
        case pdu::async_event::task_termination:
            if (agreed_->task_reporting != task_reporting::fast_abort) break;  // else it may not be sent
            from.ffp->stop_data_out(message.lun);
            from.ffp->send_acknowledgement(message.lun);
            break;
        default:
            break;  // the user's
    }
}

void session_core::take(connection& from, const full_feature_phase::rejected& event, time_point now) {
    auto* task = event.which;
    if (!task) return;  // of no consequence but to be known (RFC 7143 §7.3)
    failure why{protocol_errc::remote_rejected_pdu, "reason " + number(event.reason) + " (RFC 7143 §11.17.1)"};
    switch (task->kind) {
        case task_kind::ping:  // it lives, and that was the question
            from.ping_sent.reset();
            tasks_.erase(*task);
            return;
        case task_kind::text:
            fail_text(*task, about_session(std::move(why), from));
            return;
        case task_kind::negotiation:
            take_negotiation_step(from, *task, from.negotiation->on_reject(), now);
            return;
        case task_kind::management:
            if (task->references == pdu::task_tag::reserved) return fail_management(*task, about_session(why, from));
            lose_session(about_session(std::move(why), from), {}, now);
            return;
        case task_kind::logout:
            if (task->closes == no_connection) return lose_session(about_session(std::move(why), from), {}, now);
            lose_connection(from, std::move(why), now);
            return;
        case task_kind::scsi:
            break;
    }
    if (event.opcode != pdu::opcode::scsi_command || task->state != task_state::sent) return;
    if (event.reason == pdu::reject_reason::waiting_for_logout) return;
    // The CmdSN of a rejected command counts as not received (RFC 7143 §7.3); some targets take it all the same.
    const bool taken = window_.acknowledges(task->cmd_sn);
    if (event.reason != pdu::reject_reason::data_digest_error) {
        why = about_session(std::move(why), from);
        taken ? fail(*task, std::move(why)) : abandon(*task, std::move(why), now);
    } else if (taken) {
        reissue(*task, about_session(std::move(why), from));
    } else if (++task->lost_answers > options_.lost_repeats) {
        abandon(*task, about_session(std::move(why), from), now);
    } else {
        from.ffp->send_again(*task);
        ++counters_.commands_retried;
    }
}

}  // namespace persiscsi
