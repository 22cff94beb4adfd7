// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/login/login_dialogue.hpp"
#include "initiator/session/full_feature_phase.hpp"
#include "initiator/session/send_queue.hpp"
#include "initiator/session/task_table.hpp"
#include "initiator/session_options.hpp"
#include "initiator/session_state.hpp"
#include "pdu/pdu_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persiscsi {

/// A session without I/O, clock, randomness or threads: takes events (`on_…`, requests), gives effects.
///
/// The owner does what `next_effect` says until there is none, sends what `gather` gives, reads into `receive_space`,
/// and calls `on_deadline` when `deadline` has come. All of that after each call that takes a `now`.
///
/// A lost connection is rebuilt by logging in again with the same ISID (session reinstatement, RFC 7143 §6.3.5);
/// commands without an answer are then sent again, in their order, with new CmdSNs.
class session_core {
  public:
    struct open_transport {
        portal to;
    };
    struct close_transport {};
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
    struct state_changed {
        session_state state;
    };
    using effect = std::variant<open_transport,
                                close_transport,
                                login_finished,
                                logout_finished,
                                scsi_finished,
                                text_finished,
                                state_changed>;

    session_core(session_options options, random_source random);

    /// Asks for a login; `login_finished` answers. With `keep_trying` a failure is not final: it is tried again with
    /// backoff until it works, and `login_finished` tells only of the success.
    void login(bool keep_trying, time_point now);
    /// Sent commands may still finish; then Logout. `logout_finished` answers, after the logout time-out at the latest.
    void logout(time_point now);

    /// `scsi_finished` answers, always. The tag names the task for `cancel`; it is reserved where the task has already
    /// failed.
    [[nodiscard]] pdu::task_tag submit(const scsi_task& what, task_owner owner, time_point now);
    /// One Text Request (SendTargets, RFC 7143 Appendix C); `text_finished` answers. One at a time.
    void submit_text(const pdu::text_keys& keys, task_owner owner, time_point now);
    /// Not sent: finished at once. Sent: ABORT TASK, and finished when the target has let go of it. A tag that is no
    /// more in use is ignored.
    void cancel(pdu::task_tag tag, time_point now);

    /// Ends everything at once, without a word to the target: tasks, a login and a logout under way finish with `why`.
    void stop(const failure& why, time_point now);

    void on_transport_up(time_point now);
    /// Also where opening failed.
    void on_transport_lost(failure why, time_point now);
    [[nodiscard]] std::array<std::span<std::byte>, 2> receive_space() { return reader_.space(); }
    void on_received(std::size_t count, time_point now);

    /// Fills the send queue and gives its next pieces, as send_queue::gather. Nothing while there is no transport.
    [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> into);
    void on_sent(std::size_t count) { queue_.sent(count); }

    [[nodiscard]] std::optional<time_point> deadline() const;
    void on_deadline(time_point now);

    [[nodiscard]] std::optional<effect> next_effect();
    [[nodiscard]] bool has_effects() const { return !effects_.empty(); }

    [[nodiscard]] session_state state() const { return state_; }
    [[nodiscard]] const session_options& options() const { return options_; }
    [[nodiscard]] const std::optional<negotiated>& agreed() const { return agreed_; }
    [[nodiscard]] const failure& last_failure() const { return last_failure_; }
    [[nodiscard]] std::uint64_t logins() const { return logins_; }

  private:
    /// Where the one connection stands.
    enum class phase {
        closed,      ///< none, none wanted
        connecting,  ///< transport being opened
        login,       ///< Login Phase
        full_feature,
        leaving,      ///< the target wants a logout; a new login follows
        draining,     ///< our logout waits for commands that were sent
        logging_out,  ///< our Logout Request is out
        pausing,      ///< before the next attempt
    };
    enum class timer { connect, login, logout, reconnect, ping, tasks, give_up, count_ };

    std::optional<time_point>& at(timer which) { return deadlines_[static_cast<std::size_t>(which)]; }
    void arm_earlier(timer which, time_point deadline);
    void disarm_all();

    // life: session_core.cpp
    void change_state(session_state to);
    void begin_attempt(time_point now);
    void open(const portal& to, time_point now);
    void take_login_step(login_dialogue::step step, time_point now);
    [[nodiscard]] failure on_login_pdu(time_point now);
    void enter_full_feature(const negotiated& agreed, time_point now);
    void attempt_failed(failure why, time_point now);
    void lose_connection(failure why, std::chrono::milliseconds wait, time_point now);
    void pause(std::chrono::milliseconds at_least, time_point now);
    void close(const failure& why);
    [[nodiscard]] std::chrono::milliseconds backoff();
    [[nodiscard]] failure about_login(failure why) const;
    [[nodiscard]] failure about_session(failure why) const;
    [[nodiscard]] bool connected() const;

    // receiving: session_core_events.cpp
    void on_events(time_point now);
    void take(const full_feature_phase::scsi_answered& event, time_point now);
    void take(const full_feature_phase::text_answered& event, time_point now);
    void take(const full_feature_phase::abort_answered& event, time_point now);
    void take(const full_feature_phase::ping_answered& event, time_point now);
    void take(const full_feature_phase::logged_out& event, time_point now);
    void take(const full_feature_phase::logout_wanted& event, time_point now);
    void take(const full_feature_phase::connection_dropped& event, time_point now);
    void take(const full_feature_phase::rejected& event, time_point now);
    [[nodiscard]] bool sent_again(task& task, const scsi_outcome& outcome, time_point now);

    // tasks: session_core_tasks.cpp
    void finish(task& task, scsi_outcome outcome);
    void fail(task& task, failure why);
    void fail_text(task& task, failure why);
    void fail_unsent(const failure& why);
    void abandon(task& task, failure why, time_point now);
    void take_back_sent_tasks(const failure& why);
    void check_tasks(time_point now);
    void check_ping(time_point now);
    void start_logout_when_drained(time_point now);
    void send_logout(time_point now);
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
    std::uint32_t attempts_ = 0;
    std::uint32_t redirects_ = 0;
    std::uint64_t logins_ = 0;
    portal current_portal_;
    std::optional<negotiated> agreed_;
    failure last_failure_;

    task_table tasks_;
    send_queue queue_;
    pdu::pdu_reader reader_;
    std::optional<login_dialogue> login_;
    std::optional<full_feature_phase> ffp_;
    std::vector<full_feature_phase::event> events_;
    command_window window_;
    pdu::status_sn exp_stat_sn_;
    std::vector<std::byte> text_request_;

    time_point logged_in_at_{};
    bool made_progress_ = false;  ///< since logged_in_at_ a command was answered
    time_point last_heard_{};
    std::optional<time_point> ping_sent_;
    std::array<std::optional<time_point>, static_cast<std::size_t>(timer::count_)> deadlines_{};
    std::deque<effect> effects_;
};

}  // namespace persiscsi
