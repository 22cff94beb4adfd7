// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/net/transport.hpp"
#include "initiator/session.hpp"
#include "initiator/session/session_core.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace persiscsi {

using login_handler = boost::asio::any_completion_handler<void(error_code)>;
using execute_handler = boost::asio::any_completion_handler<void(error_code, scsi_outcome)>;
using text_handler = boost::asio::any_completion_handler<void(error_code, pdu::text_keys)>;
using management_handler = boost::asio::any_completion_handler<void(error_code, pdu::task_management_outcome)>;

/// Carries out what a session_core asks for: a transport per connection, one timer, on one thread's executor. It holds
/// no protocol decision. It lives as long as an operation of its own is outstanding at the executor.
class session_driver final : public transport_observer, public std::enable_shared_from_this<session_driver> {
  public:
    session_driver(boost::asio::any_io_executor executor, session_options options);

    void login(diagnostics* story, login_handler handler);
    void keep_logged_in();
    void execute(const scsi_task& task, diagnostics* story, execute_handler handler);
    void text(const pdu::text_keys& keys, diagnostics* story, text_handler handler);
    void manage(pdu::task_management_function function,
                pdu::lun_id lun,
                diagnostics* story,
                management_handler handler);
    void logout(diagnostics* story, login_handler handler);
    /// Closes at once; whatever is outstanding completes with local_cancelled.
    void shut_down();

    void on_state_change(std::function<void(session_state)> observer) { observer_ = std::move(observer); }
    void on_async_message(std::function<void(const async_notice&)> observer) { notice_observer_ = std::move(observer); }
    [[nodiscard]] const session_core& core() const { return core_; }
    [[nodiscard]] boost::asio::any_io_executor executor() const { return executor_; }
    [[nodiscard]] std::optional<connection_endpoints> endpoints() const;
    [[nodiscard]] std::vector<connection_view> connections() const;

  private:
    struct waiting_login {
        diagnostics* story;
        login_handler handler;
    };

    void drive();
    void drive_soon();
    void perform(const session_core::open_transport& effect);
    void perform(const session_core::close_transport& effect);
    void perform(session_core::login_finished& effect);
    void perform(session_core::logout_finished& effect);
    void perform(session_core::scsi_finished& effect);
    void perform(session_core::text_finished& effect);
    void perform(session_core::management_finished& effect);
    void perform(const session_core::state_changed& effect);
    void perform(const session_core::message_received& effect);

    void on_transport_up(transport& which) override;
    void on_transport_lost(transport& which, failure why) override;
    void on_transport_readable(transport& which) override;
    void on_transport_writable(transport& which) override;

    /// What carries one connection now; nothing in `stream` while there is none.
    struct link {
        std::shared_ptr<transport> stream;
        bool up = false;
        bool waiting_writable = false;
    };

    [[nodiscard]] std::optional<connection_number> number_of(const transport& which) const;
    void read(connection_number number);
    void write(connection_number number);
    void arm_timer();

    boost::asio::any_io_executor executor_;
    session_core core_;
    std::vector<link> links_;  ///< by connection number
    boost::asio::steady_timer timer_;
    std::optional<time_point> timer_armed_;
    bool driving_ = false;
    bool drive_posted_ = false;
    std::vector<waiting_login> logins_;
    std::vector<waiting_login> logouts_;
    std::function<void(session_state)> observer_;
    std::function<void(const async_notice&)> notice_observer_;
};

}  // namespace persiscsi
