// SPDX-License-Identifier: Apache-2.0
#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/daemon_link.hpp"
#include "cli/invocation.hpp"
#include "cli/options.hpp"
#include "cli/printable.hpp"
#include "cli/unit_access.hpp"
#include "daemon/control/target.hpp"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <type_traits>

namespace persiscsi::cli {
namespace {

/// Each request is a call of its own: it has ended when it has started.
class daemon_unit final : public unit_access {
  public:
    daemon_unit(const session_place& where, invocation& line, console& out)
        : unit_access(to_string(place(where))),
          daemon_(line, out, std::chrono::minutes(10)),
          session_path_("/v1/sessions/" + control::percent_encoded(where.id) + "/luns"),
          path_(session_path_ + "/" + std::to_string(where.lun.value_or(0))) {}

    boost::json::object luns() override {
        return named([&] { return daemon_.get(session_path_); });
    }
    boost::json::object inquiry() override {
        return named([&] { return daemon_.get(path_ + "/inquiry"); });
    }
    boost::json::object capacity() override {
        return named([&] { return daemon_.get(path_ + "/capacity"); });
    }
    void test_ready() override {
        named([&] { return daemon_.get(path_ + "/ready"); });
    }
    void flush() override {
        named([&] { return daemon_.send("POST", path_ + "/flush", boost::json::object()); });
    }
    void unmap(std::uint64_t, std::uint32_t) override {
        throw usage_error("not through a session of the daemon in this version: give an iscsi:// URL");
    }

    void execute(const std::shared_ptr<raw_command>&, std::optional<std::chrono::milliseconds>) override {
        throw usage_error("not through a session of the daemon in this version: give an iscsi:// URL");
    }
    void clear_attentions() override {}

    [[nodiscard]] pace data_pace() const override { return {std::size_t{4} << 20, 1}; }

    void start_read(const std::shared_ptr<block_request>& request, std::uint32_t block_size) override {
        const auto blocks = request->data.size() / block_size;
        const auto bytes = named([&] {
            return daemon_.get_bytes(path_ + "/blocks?lba=" + std::to_string(request->lba) +
                                     "&blocks=" + std::to_string(blocks));
        });
        if (bytes.size() != request->data.size())
            throw command_error(exit_code::internal,
                                name(),
                                "the daemon answered " + std::to_string(bytes.size()) + " bytes, asked for " +
                                    std::to_string(request->data.size()));
        std::memcpy(request->data.data(), bytes.data(), bytes.size());
        request->done = true;
    }

    void start_write(const std::shared_ptr<block_request>& request, std::uint32_t, bool fua) override {
        named([&] {
            daemon_.put_bytes(path_ + "/blocks?lba=" + std::to_string(request->lba) + (fua ? "&fua=true" : ""),
                              request->data);
            return 0;
        });
        request->done = true;
    }

    void wait_for(const block_request&) override {}
    void wait_until_readable(int descriptor) override { wait_on(descriptor, POLLIN); }
    void wait_until_writable(int descriptor) override { wait_on(descriptor, POLLOUT); }
    void close() override {}

  private:
    template <class Call>
    std::invoke_result_t<Call> named(Call call) {
        try {
            return call();
        } catch (const command_error& error) {
            throw command_error(error.code(), name(), error.what());
        }
    }

    static void wait_on(int descriptor, short events) {
        pollfd now{descriptor, events, 0};
        while (::poll(&now, 1, -1) < 0 && errno == EINTR) continue;
    }

    daemon_link daemon_;
    std::string session_path_;
    std::string path_;
};

void refuse_login_options(const invocation& line) {
    for (const auto& option : login_options_table)
        if (line.given(option.name))
            throw usage_error(std::string(option.name) + ": a live session of the daemon is logged in already");
}

}  // namespace

std::unique_ptr<unit_access> open_daemon_unit(const session_place& where, invocation& line, console& out) {
    refuse_login_options(line);
    return std::make_unique<daemon_unit>(where, line, out);
}

std::unique_ptr<unit_access> open_unit(invocation& line, console& out) {
    const auto where = parse_place(line.operands.front());
    if (const auto* session = std::get_if<session_place>(&where)) return open_daemon_unit(*session, line, out);
    return open_direct_unit(std::get<target_url>(where), line, out);
}

}  // namespace persiscsi::cli
