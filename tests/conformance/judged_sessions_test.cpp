// SPDX-License-Identifier: Apache-2.0
// Whole sessions with an honest target and bad luck, each PDU judged: reads and writes at every error recovery level,
// over one connection and several. All commands end well, and the judge has nothing to say.
#include "tests/conformance/honest_target.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace persiscsi::conformance {
namespace {

using namespace std::chrono_literals;

struct scene {
    const char* name;
    std::uint8_t level;
    std::uint16_t connections;
    bad_luck luck;
};

void PrintTo(const scene& one, std::ostream* out) {
    *out << one.name;
}

struct one_command {
    std::uint32_t number = 0;
    bool write = false;
    std::vector<std::byte> memory;
    bool ended = false;
};

class judged_session {
  public:
    judged_session(const scene& what, unsigned seed) : dice_(seed) {
        auto options = test::plain_options();
        options.login.wishes.error_recovery_level = what.level;
        options.login.wishes.max_connections = what.connections;
        options.login.wishes.max_outstanding_r2t = 1;
        options.login.wishes.default_time2wait = 0;
        harness_ = std::make_unique<test::core_harness>(options);
        harness_->observer = &judge_;
        harness_->target_keys = {{"InitialR2T", dice_() % 2 == 0 ? "Yes" : "No"},
                                 {"ImmediateData", dice_() % 2 == 0 ? "Yes" : "No"},
                                 {"MaxRecvDataSegmentLength", "1024"},
                                 {"FirstBurstLength", "2048"},
                                 {"MaxBurstLength", "8192"},
                                 {"MaxOutstandingR2T", "1"},
                                 {"DefaultTime2Wait", "0"},
                                 {"ErrorRecoveryLevel", std::to_string(what.level)},
                                 {"MaxConnections", std::to_string(what.connections)}};
        target_ = std::make_unique<honest_target>(*harness_, what.level, what.luck, seed + 1);
    }
    ~judged_session() { harness_->observer = nullptr; }

    void play() {
        harness_->core.login(true, harness_->now);
        for (std::uint32_t i = 0; i < 40; ++i) submit(i);
        for (int round = 0; round < 3000 && ended_ < commands_.size(); ++round) step();
        for (const auto& one : commands_) EXPECT_TRUE(one->ended) << "command " << one->number << " hangs";
        EXPECT_EQ(target_->wrong_writes(), 0U);
        (void)target_->serve();
        judge_.rest();
        EXPECT_EQ(judge_.told(), "");
    }
    [[nodiscard]] const std::map<std::string, unsigned>& met() const { return target_->met(); }

  private:
    void submit(std::uint32_t number) {
        auto& added = *commands_.emplace_back(std::make_unique<one_command>());
        added.number = number;
        added.write = dice_() % 2 == 0;
        const auto size = (1 + dice_() % 16) * 512;
        added.memory = added.write ? data_of(number, size) : std::vector<std::byte>(size);
        scsi_task task;
        pdu::store_be<4>(task.cdb.data() + 2, number);
        if (added.write)
            task.data_out = added.memory;
        else
            task.data_in = added.memory;
        (void)harness_->core.submit(task, &added, harness_->now);
    }

    void step() {
        const bool busy = target_->answer_logins() | target_->serve();
        target_->maybe_drop();
        if (!busy) harness_->pass(100ms);
        for (const auto& finished : harness_->take<session_core::scsi_finished>()) {
            auto& one = *static_cast<one_command*>(finished.owner);
            EXPECT_FALSE(finished.outcome.failed) << finished.outcome.failed.detail;
            EXPECT_EQ(finished.outcome.status, 0) << "command " << one.number;
            EXPECT_FALSE(std::exchange(one.ended, true)) << "ended twice";
            EXPECT_EQ(one.memory, data_of(one.number, one.memory.size())) << "command " << one.number;
            ++ended_;
        }
    }

    std::mt19937 dice_;
    judge judge_;
    std::unique_ptr<test::core_harness> harness_;
    std::unique_ptr<honest_target> target_;
    std::vector<std::unique_ptr<one_command>> commands_;
    std::size_t ended_ = 0;
};

struct judged_sessions : testing::TestWithParam<scene> {};

TEST_P(judged_sessions, end_all_their_commands_and_break_no_rule) {
    std::map<std::string, unsigned> met;
    for (unsigned seed = 1; seed <= 60 && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        judged_session one(GetParam(), seed);
        one.play();
        for (const auto& [what, count] : one.met()) met[what] += count;
    }
    for (const auto& [what, count] : met) RecordProperty(what.substr(0, what.find(' ')), static_cast<int>(count));
    const auto& luck = GetParam().luck;
    EXPECT_EQ(met.contains("dropped connection"), luck.dropped_connection != 0);
    EXPECT_EQ(met.contains("SNACK"), GetParam().level > 0 && luck.lost_data_in != 0);
}

constexpr bad_luck losses{.lost_data_in = 12, .lost_status = 12, .lost_command = 20};
constexpr bad_luck drops{.busy = 20, .dropped_connection = 12};
constexpr bad_luck all{.lost_data_in = 15, .lost_status = 15, .lost_command = 25, .busy = 25, .dropped_connection = 20};
constexpr scene scenes[] = {
    {"level_0_without_bad_luck", 0, 1, {}},
    {"level_0_over_4_connections", 0, 4, {}},
    {"level_0_with_drops", 0, 1, drops},
    {"level_0_with_drops_over_4_connections", 0, 4, drops},
    {"level_1_with_losses", 1, 1, losses},
    {"level_1_with_losses_over_4_connections", 1, 4, losses},
    {"level_1_with_all_over_4_connections", 1, 4, all},
    {"level_2_with_drops", 2, 1, drops},
    {"level_2_with_drops_over_4_connections", 2, 4, drops},
    {"level_2_with_all", 2, 1, all},
    {"level_2_with_all_over_4_connections", 2, 4, all},
};

INSTANTIATE_TEST_SUITE_P(, judged_sessions, testing::ValuesIn(scenes), [](const auto& one) {
    return std::string(one.param.name);
});

}  // namespace
}  // namespace persiscsi::conformance
