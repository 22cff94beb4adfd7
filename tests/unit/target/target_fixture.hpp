// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/target/scripted_target.hpp"
#include "tests/unit/target/raw_initiator.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace persiscsi::target::test {

/// A scripted_target on its own thread.
class running_target {
  public:
    explicit running_target(server_options options);
    ~running_target();
    running_target(const running_target&) = delete;
    running_target& operator=(const running_target&) = delete;

    scripted_target* operator->();

  private:
    struct machinery;
    std::unique_ptr<machinery> machinery_;
};

/// One target "iqn.2026-01.example:disk" with 4 MiB of RAM at LUN 0, unit attentions off.
[[nodiscard]] target_options plain_target();
[[nodiscard]] server_options serving(target_options target);

/// Waits, bounded, until the condition holds.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

class target_test : public testing::Test {
  protected:
    running_target& start(server_options options);
    running_target& start(target_options options = plain_target()) { return start(serving(std::move(options))); }
    /// Each test ends with an initiator that broke no rule, unless it says so.
    void TearDown() override;

    std::unique_ptr<running_target> target;
    bool violations_expected = false;
};

}  // namespace persiscsi::target::test
