// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/async_notice.hpp"
#include "initiator/login/negotiated.hpp"
#include "initiator/session_counters.hpp"
#include "initiator/session_options.hpp"
#include "initiator/session_state.hpp"
#include "initiator/task.hpp"
#include "pdu/task_management_request.hpp"
#include "pdu/task_management_response.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persiscsi {

using error_code = boost::system::error_code;

/// The story behind an error_code: one line that names operation, object and numbers. Safe to print. An operation
/// given one fills it when it fails; it must stay until the operation has completed.
using diagnostics = std::string;

/// One end of a TCP connection, for people: "127.0.0.1:3260", "[::1]:3260".
struct connection_endpoints {
    std::string local;
    std::string remote;
};

/// A connection of a session as it is now. `ends`: nothing while there is no TCP connection.
struct connection_view {
    std::uint16_t cid = 0;
    bool logged_in = false;
    std::optional<connection_endpoints> ends;
};

/// A normal iSCSI session with one or more connections (`login.wishes.max_connections`), which commands take in turn.
/// What is lost is rebuilt by itself, as far as the agreed ErrorRecoveryLevel goes and by the policy of its options:
/// a PDU, a connection, or the session (reinstatement with the same ISID, RFC 7143 §6.3.5).
///
/// Threads: one. Every call, and the completion of every operation, is on the executor's thread.
/// Lifetime: operations keep what they need; destroying the session closes the transport without a logout and
/// completes what is outstanding with `protocol_errc::local_cancelled`.
class session {
  public:
    session(boost::asio::any_io_executor executor, session_options options);
    ~session();
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;

    [[nodiscard]] boost::asio::any_io_executor get_executor() const;

    /// Logs in. One attempt (with its redirections); a lost session is rebuilt only after this has succeeded once.
    /// Completes as void(error_code). Errors: login_errc, protocol_errc, the system's.
    /// Terminal cancellation closes the transport.
    template <class Token = boost::asio::deferred_t>
    auto async_login(diagnostics& story, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(error_code)>(
            [this](auto handler, diagnostics* into) { start_login(*into, std::move(handler)); }, token, &story);
    }

    /// As async_login, but keeps trying for ever with backoff, whatever the error (boot reconnect). Never completes
    /// with an error but cancellation; the outcome is seen in `state()`.
    void keep_logged_in();

    /// Sends one SCSI command; any number may be outstanding. Completes as void(error_code, scsi_outcome). The error is
    /// set when the target did not answer; a SCSI status other than GOOD is in the outcome, not an error.
    /// Terminal cancellation aborts the task at the target (ABORT TASK) and completes when the target has let go of it.
    template <class Token = boost::asio::deferred_t>
    auto async_execute(scsi_task task, diagnostics& story, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(error_code, scsi_outcome)>(
            [this](auto handler, const scsi_task& what, diagnostics* into) {
                start_execute(what, *into, std::move(handler));
            },
            token,
            task,
            &story);
    }

    /// A task management function (RFC 7143 §11.5.1) for a logical unit, or for the target where it is a reset of that;
    /// ABORT TASK is what cancelling an operation does. Completes as void(error_code, task_management_outcome), after
    /// the commands that it has ended (`local_task_set_aborted`). An error means that the target gave no answer.
    template <class Token = boost::asio::deferred_t>
    auto async_manage(pdu::task_management_function function, pdu::lun_id lun, diagnostics& story, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(error_code, pdu::task_management_outcome)>(
            [this](auto handler, pdu::task_management_function which, pdu::lun_id unit, diagnostics* into) {
                start_manage(which, unit, *into, std::move(handler));
            },
            token,
            function,
            lun,
            &story);
    }

    /// Commands that were sent may still finish; those that were not end with `local_logged_out`. Then Logout (close
    /// the session, RFC 7143 §11.14), and the connection is closed, after the logout time-out at the latest. Completes
    /// as void(error_code); an error means that the target did not confirm. The session is closed either way.
    template <class Token = boost::asio::deferred_t>
    auto async_logout(diagnostics& story, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(error_code)>(
            [this](auto handler, diagnostics* into) { start_logout(*into, std::move(handler)); }, token, &story);
    }

    [[nodiscard]] session_state state() const;
    [[nodiscard]] const session_options& options() const;
    /// What the last login agreed on; nothing before the first.
    [[nodiscard]] const std::optional<negotiated>& agreed() const;
    /// Both ends of the first connection that is up; nothing while there is none.
    [[nodiscard]] std::optional<connection_endpoints> endpoints() const;
    /// All connections, by CID from 0 on.
    [[nodiscard]] std::vector<connection_view> connections() const;
    [[nodiscard]] session_counters counters() const;
    /// Why the connection was last lost or a login failed; empty code when never.
    [[nodiscard]] const failure& last_failure() const;
    /// Logins that reached Full Feature Phase since construction.
    [[nodiscard]] std::uint64_t logins() const;

    /// Called on the executor's thread after every change of state(). One observer; it must not destroy the session.
    void on_state_change(std::function<void(session_state)> observer);
    /// Called on the executor's thread with each Asynchronous Message of the target. As above.
    void on_async_message(std::function<void(const async_notice&)> observer);

  private:
    void start_login(diagnostics& story, boost::asio::any_completion_handler<void(error_code)> handler);
    void start_execute(const scsi_task& task,
                       diagnostics& story,
                       boost::asio::any_completion_handler<void(error_code, scsi_outcome)> handler);
    void start_manage(pdu::task_management_function function,
                      pdu::lun_id lun,
                      diagnostics& story,
                      boost::asio::any_completion_handler<void(error_code, pdu::task_management_outcome)> handler);
    void start_logout(diagnostics& story, boost::asio::any_completion_handler<void(error_code)> handler);

    std::shared_ptr<class session_driver> driver_;
};

}  // namespace persiscsi
