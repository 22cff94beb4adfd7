// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/status.hpp"
#include "initiator/session/session_core.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace persiscsi {
namespace {

using std::chrono::milliseconds;

/// Before a command is sent again that the target had no room for.
constexpr milliseconds first_busy_wait{20};
constexpr milliseconds longest_busy_wait{1000};

}  // namespace

void session_core::on_received(std::size_t count, time_point now) {
    reader_.filled(count);
    last_heard_ = now;
    while (phase_ == phase::login || connected()) {
        failure wrong;
        switch (reader_.next()) {
            case pdu::pdu_reader::step::need_bytes:
                return;
            case pdu::pdu_reader::step::corrupt:
            case pdu::pdu_reader::step::failed:
                wrong = {reader_.error(), reader_.error_detail()};
                break;
            case pdu::pdu_reader::step::header:
                if (connected()) wrong = ffp_->on_header(reader_);
                break;
            case pdu::pdu_reader::step::pdu:
                wrong = connected() ? ffp_->on_pdu(reader_, events_) : on_login_pdu(now);
                break;
        }
        on_events(now);
        if (wrong) on_transport_lost(std::move(wrong), now);
    }
}

void session_core::on_events(time_point now) {
    auto events = std::exchange(events_, {});
    for (const auto& event : events) {
        if (!connected()) break;  // an earlier event ended the connection, and with it what the others speak of
        std::visit([&](const auto& happened) { take(happened, now); }, event);
    }
    events.clear();
    if (events_.empty()) events_ = std::move(events);  // keeps its memory
    start_logout_when_drained(now);
}

void session_core::take(const full_feature_phase::scsi_answered& event, time_point now) {
    if (sent_again(*event.which, event.outcome, now)) return;
    finish(*event.which, event.outcome);
}

bool session_core::sent_again(task& task, const scsi_outcome& outcome, time_point now) {
    if (!task.what.repeatable || task.state == task_state::abandoned || outcome.failed) return false;
    if (phase_ != phase::full_feature && phase_ != phase::leaving) return false;
    const auto status = static_cast<scsi::status>(outcome.status);
    if (status == scsi::status::busy || status == scsi::status::task_set_full) {
        const auto wait =
            std::min(longest_busy_wait, first_busy_wait * (1 << std::min<std::uint32_t>(task.repeats, 6)));
        if (now + wait >= task.deadline) return false;
        ++task.repeats;
        ffp_->forget(task);
        task.state = task_state::delayed;
        task.not_before = now + wait;
        arm_earlier(timer::tasks, task.not_before);
        return true;
    }
    if (status != scsi::status::check_condition || task.repeats >= options_.attention_repeats) return false;
    const auto sense = scsi::parse_sense(outcome.sense);
    if (!sense || sense->key != scsi::sense_key::unit_attention) return false;
    ++task.repeats;
    ffp_->forget(task);
    task.state = task_state::waiting;
    tasks_.queue(task);
    return true;
}

void session_core::take(const full_feature_phase::text_answered& event, time_point) {
    effects_.push_back(
        text_finished{event.which->owner, event.failed ? about_session(event.failed) : failure{}, event.keys});
    ffp_->forget(*event.which);
    tasks_.erase(*event.which);
    text_request_.clear();
}

void session_core::take(const full_feature_phase::abort_answered& event, time_point now) {
    auto* aborted = tasks_.find(event.which->aborts);
    tasks_.erase(*event.which);
    if (!aborted || aborted->state != task_state::abandoned) return;  // its own answer came first
    if (event.still_there) {
        lose_connection({protocol_errc::remote_rejected_pdu, "the target did not abort a task"}, {}, now);
        return;
    }
    fail(*aborted, aborted->abandoned_for);
}

void session_core::take(const full_feature_phase::ping_answered& event, time_point) {
    ping_sent_.reset();
    tasks_.erase(*event.which);
}

void session_core::take(const full_feature_phase::logged_out& event, time_point now) {
    tasks_.erase(*event.which);
    if (phase_ == phase::leaving) {
        lose_connection({protocol_errc::remote_requested_logout, {}}, {}, now);
        return;
    }
    logout_asked_ = false;
    close({protocol_errc::local_logged_out, "the session was logged out"});
    effects_.push_back(logout_finished{event.failed ? about_session(event.failed) : failure{}});
}

void session_core::take(const full_feature_phase::logout_wanted& event, time_point now) {
    if (phase_ != phase::full_feature) return;  // a logout is under way
    phase_ = phase::leaving;
    at(timer::logout) = now + std::min<milliseconds>(options_.logout_timeout,
                                                     std::chrono::seconds(std::max<int>(event.within_seconds, 1)));
    send_logout(now);
}

void session_core::take(const full_feature_phase::connection_dropped& event, time_point now) {
    lose_connection({protocol_errc::remote_closed, "announced by an Asynchronous Message"},
                    std::chrono::seconds(event.time2wait_seconds),
                    now);
}

void session_core::take(const full_feature_phase::rejected& event, time_point now) {
    if (event.which && event.which->kind == task_kind::ping) {  // it lives, and that was the question
        ping_sent_.reset();
        tasks_.erase(*event.which);
        return;
    }
    if (event.which && event.which->kind == task_kind::scsi) {
        event.which->state = task_state::abandoned;
        event.which->abandoned_for = event.failed;
    }
    lose_connection(event.failed, {}, now);
}

}  // namespace persiscsi
