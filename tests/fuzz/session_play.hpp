// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fuzz/session_model.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace persiscsi::fuzz {

/// A session under attack: plays network, clock and callers to a session_core, and checks what must hold whatever its
/// target does. Each command ends once; memory of finished ones is left alone; a GOOD read has all its bytes; nothing
/// spins and nothing grows without bound; after stop() nothing happens.
class session_play {
  public:
    session_play(session_options options, well_meaning_target& target);
    ~session_play();
    session_play(const session_play&) = delete;
    session_play& operator=(const session_play&) = delete;

    session_core core;
    time_point now{std::chrono::hours(1)};

    void submit(std::size_t size_in, std::size_t size_out, std::size_t cdb_rest, bool repeatable);
    void submit_text();
    void manage(pdu::task_management_function function);
    void cancel(std::size_t which);
    void log_in();
    void log_out();

    void transport_up(connection_number which);
    void transport_lost(connection_number which);
    /// Puts bytes on their way to the core; `deliver` brings as many of them as told.
    void send(connection_number which, std::span<const std::byte> wire);
    void deliver(connection_number which, std::size_t count);
    void pass(std::chrono::milliseconds time);
    void stop();

    void check_memory() const;
    /// Does what the core asks for until it asks for no more.
    void settle();
    /// Nothing that was asked for is still to be answered.
    [[nodiscard]] bool quiet() const;
    [[nodiscard]] std::size_t unfinished() const { return unfinished_; }
    [[nodiscard]] std::size_t good_reads() const { return good_reads_; }

  private:
    struct command {
        bytes input;
        bytes output;
        bytes cdb_rest;
        pdu::task_tag tag{};
        bool finished = false;
    };

    void take(const session_core::effect& effect);
    void take(const session_core::scsi_finished& finished);
    void end_request(const void* owner);
    well_meaning_target& target_;
    std::vector<std::unique_ptr<command>> commands_;
    std::vector<std::unique_ptr<int>> requests_;  ///< texts and task management; 1: has ended
    std::size_t unfinished_ = 0;
    std::size_t good_reads_ = 0;
    std::size_t logins_asked_ = 0;
    std::size_t logouts_asked_ = 0;
    bool stopped_ = false;
};

}  // namespace persiscsi::fuzz
