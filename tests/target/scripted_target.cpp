// SPDX-License-Identifier: Apache-2.0
#include "tests/target/scripted_target.hpp"

#include "tests/target/connection.hpp"
#include "tests/target/server.hpp"

#include <mutex>
#include <utility>

namespace persiscsi::target {

class scripted_target::server_holder {
  public:
    server_holder(boost::asio::io_context& io, server_options options)
        : server(std::make_shared<target_server>(io, std::move(options))) {}

    template <class Action>
    auto locked(Action action) const {
        const std::lock_guard lock(server->mutex);
        return action(*server);
    }

    std::shared_ptr<target_server> server;
};

scripted_target::scripted_target(boost::asio::io_context& io, server_options options)
    : server_(std::make_unique<server_holder>(io, std::move(options))) {
    server_->locked([](auto& server) { server.listen(); });
}

scripted_target::~scripted_target() {
    stop();
}

std::uint16_t scripted_target::port() const {
    return server_->locked([](auto& server) { return server.port; });
}

std::vector<session_info> scripted_target::sessions() const {
    return server_->locked([](auto& server) { return server.sessions(); });
}

target_counters scripted_target::counters() const {
    return server_->locked([](auto& server) { return server.counters; });
}

std::vector<std::string> scripted_target::violations() const {
    return server_->locked([](auto& server) { return server.violations; });
}

std::shared_ptr<ram_store> scripted_target::store() const {
    return server_->server->options.store;
}

void scripted_target::set_script(fault_script script) {
    server_->locked([&](auto& server) { server.set_script(std::move(script)); });
}

void scripted_target::drop_all_connections() {
    server_->locked([](auto& server) { server.drop_all_connections(); });
}

void scripted_target::ping() {
    server_->locked([](auto& server) {
        for (const auto& on : server.live_connections()) on->ping();
    });
}

void scripted_target::send_async(pdu::async_event event,
                                 std::uint16_t parameter1,
                                 std::uint16_t parameter2,
                                 std::uint16_t parameter3) {
    send_async(fault::async{static_cast<std::uint8_t>(event), parameter1, parameter2, parameter3});
}

void scripted_target::send_async(const fault::async& event, std::uint16_t cid) {
    server_->locked([&](auto& server) {
        for (const auto& on : server.live_connections())
            if (cid == 0 || on->info().cid == cid) on->send_async(event);
    });
}

void scripted_target::stop() {
    server_->locked([](auto& server) { server.stop(); });
}

}  // namespace persiscsi::target
