// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/session.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace boost::asio {
class io_context;
}

namespace persiscsi::cli {

class invocation;
class console;

/// Turns the initiator's asynchronous operations into steps of a command, under the deadline of --timeout.
class direct_loop {
  public:
    /// `object` is what the command works on, for messages.
    direct_loop(const invocation& line, console& out, std::string object);
    ~direct_loop();

    [[nodiscard]] boost::asio::any_io_executor executor();

    /// Runs what is to be done until `done`. Throws command_error (timed out) naming the step when the deadline passes.
    void run_until(const std::function<bool()>& done, const std::string& step);

    /// The same with a limit of its own, deadline passed or not; false where it was not enough. Never throws.
    bool run_for(const std::function<bool()>& done, std::chrono::milliseconds limit);

    /// How an operation ended. Operations keep a share of it: after a time-out they may end when nobody waits.
    template <class Result = std::monostate>
    struct outcome {
        bool done = false;
        error_code error;
        diagnostics story;
        Result result{};
    };

    /// Starts an operation by `start(story, completion handler)` and waits for its end.
    template <class Result = std::monostate, class Start>
    std::shared_ptr<outcome<Result>> wait(const std::string& step, Start start) {
        const auto ended = begin<Result>(std::move(start));
        run_until([&] { return ended->done; }, step);
        return ended;
    }

    /// Starts it only.
    template <class Result = std::monostate, class Start>
    std::shared_ptr<outcome<Result>> begin(Start start) {
        const auto ended = std::make_shared<outcome<Result>>();
        start(ended->story, [ended](error_code error, auto... results) {
            if constexpr (sizeof...(results) == 1) ((ended->result = std::move(results)), ...);
            ended->error = error;
            ended->done = true;
        });
        return ended;
    }

    [[nodiscard]] const std::string& object() const { return object_; }

  private:
    std::unique_ptr<boost::asio::io_context> io_;
    console* out_;
    std::string object_;
    std::optional<std::chrono::milliseconds> timeout_;
    std::chrono::steady_clock::time_point until_;
};

}  // namespace persiscsi::cli
