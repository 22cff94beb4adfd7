// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/raw_command.hpp"
#include "cli/url.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace persiscsi::cli {

class invocation;
class console;

/// Blocks on their way from or to a logical unit.
struct block_request {
    std::uint64_t lba = 0;
    std::vector<std::byte> data;  ///< whole blocks
    bool done = false;
    std::error_code error;  ///< where it failed
    std::string story;
};

/// A logical unit that a command works on: over a login of its own, or over a live session of the daemon. The JSON
/// objects are those of docs/json.md, the same both ways. Everything throws command_error, with the place as object.
class unit_access {
  public:
    virtual ~unit_access() = default;

    [[nodiscard]] virtual boost::json::object luns() = 0;
    [[nodiscard]] virtual boost::json::object inquiry() = 0;
    [[nodiscard]] virtual boost::json::object capacity() = 0;
    virtual void test_ready() = 0;
    virtual void flush() = 0;
    virtual void unmap(std::uint64_t lba, std::uint32_t blocks) = 0;

    /// Sends the command once, whatever comes; its outcome is filled in. Throws where the logical unit did not answer.
    /// No `limit`: the session's own time-out of a command.
    virtual void execute(const std::shared_ptr<raw_command>& command,
                         std::optional<std::chrono::milliseconds> limit) = 0;
    /// Lets the logical unit tell what it has to tell a new session, so that the next command does not.
    virtual void clear_attentions() = 0;

    /// Bytes of one request, and how many may be under way. Requests end in any order.
    struct pace {
        std::size_t request_size;
        std::size_t depth;
    };
    [[nodiscard]] virtual pace data_pace() const = 0;
    virtual void start_read(const std::shared_ptr<block_request>& request, std::uint32_t block_size) = 0;
    virtual void start_write(const std::shared_ptr<block_request>& request, std::uint32_t block_size, bool fua) = 0;
    /// Returns when the request has ended, whichever way.
    virtual void wait_for(const block_request& request) = 0;
    /// Returns when read(2) or write(2) of the descriptor need not wait; the session lives on meanwhile.
    virtual void wait_until_readable(int descriptor) = 0;
    virtual void wait_until_writable(int descriptor) = 0;

    /// The orderly end; never throws. Without it the destructor does the same.
    virtual void close() = 0;

    [[nodiscard]] const std::string& name() const { return name_; }

  protected:
    explicit unit_access(std::string name) : name_(std::move(name)) {}

  private:
    std::string name_;
};

/// Opens the place that the first operand names; logs in where that needs a login.
[[nodiscard]] std::unique_ptr<unit_access> open_unit(invocation& line, console& out);

[[nodiscard]] std::unique_ptr<unit_access> open_direct_unit(const target_url& url, invocation& line, console& out);
[[nodiscard]] std::unique_ptr<unit_access> open_daemon_unit(const session_place& where, invocation& line, console& out);

}  // namespace persiscsi::cli
