// SPDX-License-Identifier: Apache-2.0
// A target that sends anything: legal headers with wild fields, for tasks that exist and for others, and plain noise.
// Whatever it does, each command ends exactly once and the memory of finished commands is left alone.
#include "tests/script/core_harness.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace persiscsi::test {
namespace {

struct command {
    std::vector<std::byte> memory;
    pdu::task_tag tag{};
    bool finished = false;
};

/// One session's worth of chaos, repeatable by its seed.
class chaos {
  public:
    explicit chaos(unsigned seed) : dice_(seed), target_(plain_options()) {}

    void play() {
        target_.target_keys.push_back({"MaxBurstLength", "4096"});
        target_.target_keys.push_back({"FirstBurstLength", "4096"});
        target_.log_in();
        for (int i = 0; i < 8; ++i) submit();
        for (int round = 0; round < 60; ++round) {
            if (target_.transport_wanted || target_.core.state() == session_state::reconnecting) target_.log_in();
            if (one_in(5)) submit();
            if (one_in(20)) target_.core.cancel(any_tag(), target_.now);
            if (one_in(10)) target_.pass(std::chrono::milliseconds(number(3000)));
            if (target_.core.state() == session_state::logged_in) misbehave();
            take_finished();
        }
        target_.core.stop({protocol_errc::local_cancelled, "the end"}, target_.now);
        take_finished();
        for (const auto& [owner, one] : commands_) EXPECT_TRUE(one.finished);
    }

  private:
    std::uint32_t number(std::uint32_t below) {
        return std::uniform_int_distribution<std::uint32_t>(0, below - 1)(dice_);
    }
    bool one_in(std::uint32_t n) { return number(n) == 0; }

    void submit() {
        owners_.push_back(std::make_unique<int>());
        auto& added = commands_[owners_.back().get()];
        added.memory.resize((1 + number(32)) * 512);
        scsi_task task{.repeatable = !one_in(4)};
        if (one_in(2)) {
            task.data_in = added.memory;
        } else {
            task.data_out = added.memory;
        }
        added.tag = target_.core.submit(task, owners_.back().get(), target_.now);
    }

    pdu::task_tag any_tag() {
        if (commands_.empty() || one_in(10)) return pdu::task_tag{number(0xffffffffU)};
        auto chosen = commands_.begin();
        std::advance(chosen, number(static_cast<std::uint32_t>(commands_.size())));
        return chosen->second.tag;
    }

    void misbehave() {
        static constexpr pdu::opcode opcodes[] = {pdu::opcode::nop_in,
                                                  pdu::opcode::scsi_response,
                                                  pdu::opcode::data_in,
                                                  pdu::opcode::r2t,
                                                  pdu::opcode::task_management_response,
                                                  pdu::opcode::text_response,
                                                  pdu::opcode::logout_response,
                                                  pdu::opcode::async_message,
                                                  pdu::opcode::reject,
                                                  pdu::opcode::login_response,
                                                  pdu::opcode::scsi_command};
        pdu::bhs_bytes bhs{};
        for (auto& byte : bhs) byte = one_in(3) ? static_cast<std::byte>(number(256)) : std::byte{0};
        bhs[0] = one_in(20) ? bhs[0] : static_cast<std::byte>(opcodes[number(std::size(opcodes))]);
        pdu::store_be<4>(bhs.data() + 16, static_cast<std::uint32_t>(any_tag()));
        if (!one_in(8)) pdu::store_be<4>(bhs.data() + 24, target_.stat_sn.value);
        if (!one_in(4)) {  // fields that let R2T and Data-In pass their first checks
            pdu::store_be<4>(bhs.data() + 36, number(2));
            pdu::store_be<4>(bhs.data() + 40, number(3) * 512);
            pdu::store_be<4>(bhs.data() + 44, number(3) * 512);
        }
        const auto before = target_.core.logins();
        target_.receive(pdu::frame(bhs, std::vector<std::byte>(number(3) * 256), {}));
        if (one_in(2) && before == target_.core.logins()) target_.stat_sn = target_.stat_sn.next();
    }

    void take_finished() {
        for (const auto& finished : target_.take<session_core::scsi_finished>()) {
            auto& one = commands_.at(finished.owner);
            EXPECT_FALSE(one.finished) << "a command that ends twice";
            one.finished = true;
            std::vector<std::byte>().swap(one.memory);  // a late touch is seen by the address sanitizer
        }
    }

    std::mt19937 dice_;
    core_harness target_;
    std::vector<std::unique_ptr<int>> owners_;
    std::map<void*, command> commands_;
};

TEST(hostile_target, makes_no_command_end_twice_or_never) {
    for (unsigned seed = 1; seed <= 120; ++seed) {
        SCOPED_TRACE(seed);
        chaos(seed).play();
        if (HasFatalFailure() || HasNonfatalFailure()) break;
    }
}

TEST(hostile_target, sending_noise_is_cut_off_at_its_first_pdu) {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        core_harness target(plain_options());
        target.log_in();
        std::mt19937 dice(seed);
        std::vector<std::byte> noise(4096);
        for (auto& byte : noise) byte = static_cast<std::byte>(dice());
        noise[0] = std::byte{0x3e};  // no opcode
        noise[4] = std::byte{0};
        noise[5] = std::byte{0};
        target.receive(noise);
        EXPECT_EQ(target.core.state(), session_state::reconnecting) << seed;
    }
}

}  // namespace
}  // namespace persiscsi::test
