// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session.hpp"
#include "tests/integration/fault_matrix/meaning.hpp"
#include "tests/target/scripted_target.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace persiscsi::test {

/// One combination: a target that does it once, and a session that lives through it.
class cell {
  public:
    cell(boost::asio::io_context& io, const fault_row& fault, const pdu_row& pdu, const arrangement& agreed);

    /// The whole life: login, data, silence, task management, logout, as far as the PDU needs it; then all is well
    /// again. What went wrong is in complaints().
    boost::asio::awaitable<void> live();

    /// The fault comes while data moves or nothing does, and has no other error as its cause.
    [[nodiscard]] bool must_go_on() const;
    [[nodiscard]] bool done() const { return done_; }
    [[nodiscard]] std::string name() const;
    [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
    /// The errors that operations ended with, or "data right".
    [[nodiscard]] std::string outcome() const;
    [[nodiscard]] std::string step() const { return step_; }

  private:
    [[nodiscard]] session_options options() const;
    [[nodiscard]] bool happened() const;
    /// True: the operation succeeded. An error must be one of ours, and told.
    bool judge(const std::string& operation, error_code error);
    boost::asio::awaitable<bool> be_logged_in();
    boost::asio::awaitable<bool> move_data();
    boost::asio::awaitable<void> be_well();
    boost::asio::awaitable<void> discover();
    boost::asio::awaitable<void> stay_idle();

    boost::asio::io_context& io_;
    const fault_row& fault_;
    const pdu_row& pdu_;
    const arrangement& agreed_;
    std::unique_ptr<target::scripted_target> target_;
    std::unique_ptr<session> session_;
    diagnostics story_;
    unsigned seed_ = 0;
    std::string step_ = "begin";
    std::vector<std::string> errors_;
    std::vector<std::string> complaints_;
    bool done_ = false;
};

}  // namespace persiscsi::test
