// SPDX-License-Identifier: Apache-2.0
#include "cli/direct_loop.hpp"

#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/invocation.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>

namespace persiscsi::cli {
namespace {

std::string in_seconds(std::chrono::milliseconds time) {
    char text[32];
    std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000.0);
    return text;
}

}  // namespace

direct_loop::direct_loop(const invocation& line, console& out, std::string object)
    : io_(std::make_unique<boost::asio::io_context>(1)),
      out_(&out),
      object_(std::move(object)),
      timeout_(line.timeout()) {
    if (timeout_) until_ = std::chrono::steady_clock::now() + *timeout_;
}

direct_loop::~direct_loop() = default;

boost::asio::any_io_executor direct_loop::executor() {
    return io_->get_executor();
}

void direct_loop::run_until(const std::function<bool()>& done, const std::string& step) {
    out_->debug(step);
    io_->restart();
    while (!done()) {
        const auto ran = timeout_ ? io_->run_one_until(until_) : io_->run_one();
        if (ran != 0) continue;
        if (!timeout_ || std::chrono::steady_clock::now() < until_)
            throw command_error(exit_code::internal, object_, "nothing left to wait for at: " + step);
        throw command_error(exit_code::timed_out, object_, "timed out after " + in_seconds(*timeout_) + " at: " + step);
    }
}

bool direct_loop::run_for(const std::function<bool()>& done, std::chrono::milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    io_->restart();
    while (!done())
        if (io_->run_one_until(until) == 0) return false;
    return true;
}

}  // namespace persiscsi::cli
