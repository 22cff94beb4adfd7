// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace persiscsi::daemon {

/// Cancels one operation (terminally) when its time has passed or when stop() says so: bind slot() to its token. The
/// limit ends with this object.
class time_limit {
  public:
    time_limit(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::time_point until)
        : shared_(std::make_shared<state>()), timer_(executor, until) {
        timer_.async_wait([shared = shared_](const boost::system::error_code& early) {
            if (early) return;
            shared->passed = true;
            shared->signal.emit(boost::asio::cancellation_type::terminal);
        });
    }

    [[nodiscard]] boost::asio::cancellation_slot slot() { return shared_->signal.slot(); }
    /// The time was up: the operation's error is none of its own.
    [[nodiscard]] bool passed() const { return shared_->passed; }
    void stop() { shared_->signal.emit(boost::asio::cancellation_type::terminal); }

  private:
    struct state {  // shared with the timer's handler, which may run after this object has gone
        boost::asio::cancellation_signal signal;
        bool passed = false;
    };
    std::shared_ptr<state> shared_;
    boost::asio::steady_timer timer_;
};

}  // namespace persiscsi::daemon
