// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <thread>

namespace persiscsi::target::test {

struct running_target::machinery {
    explicit machinery(server_options options)
        : work(boost::asio::make_work_guard(io)), target(io, std::move(options)), thread([this] { io.run(); }) {}
    ~machinery() {
        target.stop();
        work.reset();
        thread.join();
    }

    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
    scripted_target target;
    std::thread thread;
};

running_target::running_target(server_options options) : machinery_(std::make_unique<machinery>(std::move(options))) {}
running_target::~running_target() = default;
scripted_target* running_target::operator->() {
    return &machinery_->target;
}

target_options plain_target() {
    target_options target;
    target.name = "iqn.2026-01.example:disk";
    lun_options lun;
    lun.blocks = 8192;
    target.luns = {lun};
    target.unit_attention = false;
    return target;
}

server_options serving(target_options target) {
    server_options server;
    server.targets.push_back(std::move(target));
    return server;
}

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

running_target& target_test::start(server_options options) {
    target = std::make_unique<running_target>(std::move(options));
    return *target;
}

void target_test::TearDown() {
    if (!target || violations_expected) return;
    EXPECT_THAT((*target)->violations(), testing::IsEmpty());
}

}  // namespace persiscsi::target::test
