// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/async_notice.hpp"
#include "initiator/login/login_dialogue.hpp"
#include "initiator/session/connection.hpp"
#include "initiator/session/full_feature_phase.hpp"
#include "initiator/session/task_table.hpp"
#include "initiator/session_counters.hpp"
#include "initiator/session_options.hpp"
#include "initiator/session_state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace persiscsi {

/// A session without I/O, clock, randomness or threads: takes events (`on_…`, requests), gives effects.
///
/// The owner does what `next_effect` says until there is none, sends what `gather` gives, reads into `receive_space`,
/// and calls `on_deadline` when `deadline` has come. All of that after each call that takes a `now`. Connections are
/// named by their number, 0 to `connection_count() - 1`; each has at most one transport at a time.
///
/// What follows a lost connection depends on the error recovery level that was agreed on (RFC 7143 §7.1.5). At 2 its
/// tasks are reassigned to another connection, which is opened where none is left. At 1 they are sent again on another
/// connection, where there is one. Otherwise all connections are closed and the session is reinstated: a login with
/// the same ISID (§6.3.5), after which commands without an answer are sent again, in their order, with new CmdSNs.
class session_core {
  public:
    struct open_transport {
        portal to;
        connection_number connection = 0;
    };
    struct close_transport {
        connection_number connection = 0;
    };
    struct login_finished {
        failure failed;
    };
    struct logout_finished {
        failure failed;
    };
    struct scsi_finished {
        task_owner owner;
        scsi_outcome outcome;
    };
    struct text_finished {
        task_owner owner;
        failure failed;
        pdu::text_keys keys;
    };
    struct management_finished {
        task_owner owner;
        failure failed;
        pdu::task_management_outcome outcome{};
    };
    struct state_changed {
        session_state state;
    };
    struct message_received {
        async_notice notice;
    };
    using effect = std::variant<open_transport,
                                close_transport,
                                login_finished,
                                logout_finished,
                                scsi_finished,
                                text_finished,
                                management_finished,
                                state_changed,
                                message_received>;

    session_core(session_options options, random_source random);

    /// Asks for a login; `login_finished` answers, when the first connection is in Full Feature Phase; further ones
    /// follow. With `keep_trying` a failure is not final: it is tried again with backoff until it works, and
    /// `login_finished` tells only of the success.
    void login(bool keep_trying, time_point now);
    /// Sent commands may still finish; then Logout. `logout_finished` answers, after the logout time-out at the latest.
    void logout(time_point now);

    /// `scsi_finished` answers, always. The tag names the task for `cancel`; it is reserved where the task has already
    /// failed.
    [[nodiscard]] pdu::task_tag submit(const scsi_task& what, task_owner owner, time_point now);
    /// One Text Request (SendTargets, RFC 7143 Appendix C); `text_finished` answers. One at a time.
    void submit_text(const pdu::text_keys& keys, task_owner owner, time_point now);
    /// A task management function for a logical unit or the target (RFC 7143 §11.5.1); `management_finished` answers,
    /// after `scsi_finished` of the tasks that it has ended. Not ABORT TASK and TASK REASSIGN: those are ours.
    void manage(pdu::task_management_function function, pdu::lun_id lun, task_owner owner, time_point now);
    /// Not sent: finished at once. Sent: ABORT TASK, and finished when the target has let go of it. A tag that is no
    /// more in use is ignored.
    void cancel(pdu::task_tag tag, time_point now);

    /// Ends everything at once, without a word to the target: tasks, a login and a logout under way finish with `why`.
    void stop(const failure& why, time_point now);

    void on_transport_up(time_point now, connection_number which = 0);
    /// Also where opening failed.
    void on_transport_lost(failure why, time_point now, connection_number which = 0);
    [[nodiscard]] std::array<std::span<std::byte>, 2> receive_space(connection_number which = 0);
    void on_received(std::size_t count, time_point now, connection_number which = 0);

    /// Fills the send queues and gives the next pieces of this one, as send_queue::gather. Nothing while there is no
    /// transport.
    [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> into, connection_number which = 0);
    void on_sent(std::size_t count, connection_number which = 0) { connections_[which]->queue.sent(count); }

    [[nodiscard]] std::optional<time_point> deadline() const;
    void on_deadline(time_point now);

    [[nodiscard]] std::optional<effect> next_effect();
    [[nodiscard]] bool has_effects() const { return !effects_.empty(); }

    [[nodiscard]] session_state state() const { return state_; }
    [[nodiscard]] const session_options& options() const { return options_; }
    [[nodiscard]] const std::optional<negotiated>& agreed() const { return agreed_; }
    [[nodiscard]] const failure& last_failure() const { return last_failure_; }
    [[nodiscard]] std::uint64_t logins() const { return counters_.logins; }
    [[nodiscard]] session_counters counters() const;
    [[nodiscard]] std::size_t connection_count() const { return connections_.size(); }
    [[nodiscard]] connection_state state_of(connection_number which) const { return connections_[which]->state; }
    /// What this connection goes by; nothing while it is not in Full Feature Phase.
    [[nodiscard]] std::optional<negotiated> agreed_on(connection_number which) const;

  private:
    enum class phase {
        closed,        ///< no connection, none wanted
        establishing,  ///< the leading connection, first attempt or reinstatement, or the pause before it
        operational,   ///< established; its connections may all be lost, and be rebuilt
        draining,      ///< our logout waits for commands that were sent
        logging_out,   ///< our Logout Request is out
    };
    enum class timer { logout, tasks, give_up, count_ };

    std::optional<time_point>& at(timer which) { return deadlines_[static_cast<std::size_t>(which)]; }
    void arm_earlier(timer which, time_point deadline);
    void disarm_all();

    // life of the session: session_core.cpp
    void change_state(session_state to);
    void enter_operational(connection& leading, time_point now);
    void lose_session(failure why, std::chrono::milliseconds wait, time_point now);
    void close(const failure& why);
    void start_policy_clock(time_point now);
    void give_up(time_point now);
    void start_logout_when_drained(time_point now);
    void send_session_logout(time_point now);
    [[nodiscard]] failure about_session(failure why, const connection& about) const;
    [[nodiscard]] connection& any_connection() { return *connections_.front(); }

    // life of a connection: session_core_connections.cpp
    void begin_attempt(connection& which, time_point now);
    void open(connection& which, const portal& to, time_point now);
    void take_login_step(connection& which, login_dialogue::step step, time_point now);
    [[nodiscard]] failure on_login_pdu(connection& which, time_point now);
    void enter_full_feature(connection& which, const negotiated& agreed, time_point now);
    void add_connections(time_point now);
    void attempt_failed(connection& which, failure why, time_point now);
    void pause(connection& which, std::chrono::milliseconds at_least, time_point now);
    void close_transport_of(connection& which, connection_event event);
    void check_ping(connection& which, time_point now);
    [[nodiscard]] std::chrono::milliseconds backoff(std::uint32_t attempts);
    [[nodiscard]] failure about_login(failure why, const connection& about) const;
    void on_connection_deadline(connection& which, time_point now);

    // loss of a connection, and what becomes of its tasks: session_core_recovery.cpp
    void lose_connection(connection& which, failure why, time_point now);
    void lose_connection(connection& which,
                         failure why,
                         std::chrono::seconds time2wait,
                         std::chrono::seconds time2retain,
                         time_point now);
    void strand_tasks(connection& which, const failure& why, time_point now);
    void strand(task& one, const failure& why, time_point now);
    void reconnect(connection& which, time_point now);
    void log_out_lost(connection& lost, connection& over, time_point now);
    void take_up_again(connection& lost, time_point now);
    void recover_tasks(connection& lost, bool reassignable, time_point now);
    void reassign(task& task, connection& over, time_point now);
    [[nodiscard]] bool take_back(task& task) const;
    void reissue(task& task, const failure& why);
    void log_out_connection(connection& which, time_point now);
    [[nodiscard]] bool recovers_connections() const;
    [[nodiscard]] bool recovers_from_loss_of(const connection& which, std::chrono::seconds time2retain) const;
    [[nodiscard]] bool any_connected() const;
    [[nodiscard]] bool has_tasks(const connection& which);
    [[nodiscard]] connection* next_usable(const connection* but = nullptr);

    // answers: session_core_events.cpp, session_core_management.cpp
    void on_events(connection& from, time_point now);
    void take(connection& from, const full_feature_phase::scsi_answered& event, time_point now);
    void take(connection& from, const full_feature_phase::text_answered& event, time_point now);
    void take(connection& from, const full_feature_phase::negotiation_answered& event, time_point now);
    void take(connection& from, const full_feature_phase::management_answered& event, time_point now);
    void take(connection& from, const full_feature_phase::ping_answered& event, time_point now);
    void take(connection& from, const full_feature_phase::logged_out& event, time_point now);
    void take(connection& from, const full_feature_phase::async_received& event, time_point now);
    void take(connection& from, const full_feature_phase::rejected& event, time_point now);
    void take_abort(connection& from, pdu::task_tag aborted, pdu::task_management_outcome outcome, time_point now);
    void take_reassignment(connection& from, pdu::task_tag moved, pdu::task_management_outcome outcome, time_point now);
    void take_own_management(const task& management, pdu::task_management_outcome outcome);
    [[nodiscard]] bool sent_again(task& task, const scsi_outcome& outcome, time_point now);
    void on_logout_wanted(connection& from, std::uint16_t within_seconds, time_point now);
    void on_negotiation_wanted(connection& from, time_point now);
    void take_negotiation_step(connection& from, task& negotiation, text_negotiation::step step, time_point now);

    // tasks: session_core_tasks.cpp, session_core_timeouts.cpp
    void fill_queues();
    void dispatch(task& task, connection& over);
    void finish(task& task, scsi_outcome outcome);
    void fail(task& task, failure why);
    void fail_text(task& task, failure why);
    void fail_management(task& task, failure why);
    void fail_unsent(const failure& why);
    void end_tasks(const failure& why);
    void forget(task& task);
    void abandon(task& task, failure why, time_point now);
    void send_abort(task& abandoned, connection& over, time_point now);
    [[nodiscard]] task* insert_control(task_kind kind, time_point now);
    void take_back_tasks(const failure& why);
    void check_tasks(time_point now);
    void on_late(task& task, time_point now, failure& lost);
    [[nodiscard]] bool may_be_retried(const task& task) const;
    [[nodiscard]] std::chrono::milliseconds timeout_of(const task& task) const;

    session_options options_;
    random_source random_;

    phase phase_ = phase::closed;
    session_state state_ = session_state::idle;
    bool keep_trying_ = false;
    bool login_asked_ = false;
    bool logout_asked_ = false;
    bool established_ = false;  ///< has been in Full Feature Phase since the login was asked for
    bool gave_up_ = false;
    std::optional<negotiated> agreed_;
    portal established_at_;  ///< where further connections go
    failure last_failure_;
    session_counters counters_;

    std::vector<std::unique_ptr<connection>> connections_;  ///< by number; never fewer than one
    std::size_t turn_ = 0;                                  ///< of the connections, for new commands
    task_table tasks_;
    command_window window_;
    std::vector<full_feature_phase::event> events_;
    std::vector<std::byte> text_request_;

    time_point now_{};  ///< of the last event
    std::array<std::optional<time_point>, static_cast<std::size_t>(timer::count_)> deadlines_{};
    std::deque<effect> effects_;
};

}  // namespace persiscsi
