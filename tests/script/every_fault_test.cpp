// SPDX-License-Identifier: Apache-2.0
// check_every_fault: a scenario is run again and again with a target that means well but for one PDU, each time another
// one, and each time spoilt in another way. Every run comes to its end within its time; session_play sees to it that
// each command ends once, with all of its data or with an error, and that no memory is touched afterwards.
#include "tests/fuzz/session_play.hpp"

#include <gtest/gtest.h>

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;
using fuzz::said;

struct scenario {
    const char* name;
    void (*start)(fuzz::session_play& play);
};
constexpr scenario scenarios[] = {
    {"login", [](fuzz::session_play&) {}},
    {"read", [](fuzz::session_play& play) { play.submit(6000, 0, 0, true); }},
    {"write", [](fuzz::session_play& play) { play.submit(0, 10000, 0, true); }},
    {"unmap", [](fuzz::session_play& play) { play.submit(0, 24, 0, false); }},
    {"bidirectional", [](fuzz::session_play& play) { play.submit(3000, 3000, 16, true); }},
    {"three_commands",
     [](fuzz::session_play& play) {
         for (const auto size : {512U, 2048U, 0U}) play.submit(size, 2048U - size, 0, true);
     }},
    {"cancelled_read",
     [](fuzz::session_play& play) {
         play.submit(4096, 0, 0, true);
         play.cancel(0);
     }},
    {"logical_unit_reset",
     [](fuzz::session_play& play) {
         play.submit(4096, 0, 0, true);
         play.manage(pdu::task_management_function::logical_unit_reset);
     }},
    {"send_targets", [](fuzz::session_play& play) { play.submit_text(); }},
    {"logout",
     [](fuzz::session_play& play) {
         play.submit(1024, 0, 0, true);
         play.log_out();
     }},
};

enum class fault {
    none,
    drop_before,
    drop_after,
    drop_within,
    stop_within,
    silence,
    swallow,
    twice,
    later,
    byte_by_byte,
    longer,
    other_tag,
    other_transfer_tag,
    other_stat_sn,
    other_data_sn,
    other_offset,
    other_flags,
    no_opcode,
    small_window,
    ping_flood,
    endless_text,
    kinds,
};

/// One run of a scenario.
class fault_run {
  public:
    fault_run(unsigned level, unsigned connections, fault kind, unsigned at)
        : play_(options(level, connections), target_), kind_(kind), at_(at) {
        target_.login_answers = {{"MaxBurstLength", "4096"}, {"FirstBurstLength", "2048"}};
    }

    /// False where it does not end in ten minutes.
    bool run(const scenario& what) {
        play_.log_in();
        bool started = false;
        const auto limit = play_.now + 10min;
        while (play_.now < limit) {
            if (!serve()) play_.pass(250ms);
            play_.check_memory();
            const auto state = play_.core.state();
            if (!started && (state == session_state::logged_in || state == session_state::failed)) {
                started = true;
                what.start(play_);
            } else if (started && play_.quiet()) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] unsigned steps() const { return step_; }
    [[nodiscard]] bool text_ended() const { return text_ended_; }

  private:
    static session_options options(unsigned level, unsigned connections) {
        session_options options;
        options.login.initiator_name = "iqn.2026-11.org.persiscsi:test";
        options.login.target_name = "iqn.2026-11.org.persiscsi:target";
        options.login.isid = pdu::isid{0x800000000001};
        options.login.wishes.error_recovery_level = static_cast<std::uint8_t>(level);
        options.login.wishes.max_connections = static_cast<std::uint16_t>(connections);
        options.login.wishes.max_outstanding_r2t = 1;
        options.portal = {"192.0.2.7", 3260};
        return options;
    }

    /// Sends what the target has to say; false where that is nothing.
    bool serve() {
        bool said_something = false;
        for (connection_number on = 0; on < play_.core.connection_count(); ++on) {
            play_.transport_up(on);
            auto from = on;
            for (int n = 0; n < 1000; ++n) {
                auto one = target_.next(from, 0);
                if (!one) break;
                said_something = true;
                step_++ == at_ ? spoil(from, *one) : tell(from, *one);
                from = on;
            }
        }
        return said_something;
    }

    void tell(connection_number on, said& one) {
        play_.send(on, target_.wire_of(on, one));
        play_.deliver(on, SIZE_MAX);
        if (late_.empty()) return;
        play_.send(on, std::exchange(late_, {}));
        play_.deliver(on, SIZE_MAX);
    }

    void add(said& one, std::size_t offset) {
        pdu::store_be<4>(one.bhs.data() + offset, pdu::load_be<4>(one.bhs.data() + offset) + 1);
    }

    void tell_part(connection_number on, said& one, std::size_t size) {
        play_.send(on, target_.wire_of(on, one));
        play_.deliver(on, size);
    }

    /// Nothing more of this target on that connection, until it is opened anew.
    void fall_silent(connection_number on) {
        target_.at(on).requests.clear();
        std::erase_if(target_.tasks(), [&](const auto& task) { return task.second.on == on; });
    }

    void spoil(connection_number on, said& one) {
        switch (kind_) {
            case fault::none:
            case fault::kinds:
                return tell(on, one);
            case fault::drop_before:
                return play_.transport_lost(on);
            case fault::drop_after:
                tell(on, one);
                return play_.transport_lost(on);
            case fault::drop_within:
                tell_part(on, one, 50);
                return play_.transport_lost(on);
            case fault::stop_within:
                tell_part(on, one, 50);
                target_.at(on).backlog.clear();
                return fall_silent(on);
            case fault::silence:
                return fall_silent(on);
            case fault::swallow:
                (void)target_.wire_of(on, one);
                return;
            case fault::twice:
                tell(on, one);
                return tell(on, one);
            case fault::later:
                late_ = target_.wire_of(on, one);
                return;
            case fault::byte_by_byte:
                play_.send(on, target_.wire_of(on, one));
                while (target_.at(on).up && !target_.at(on).backlog.empty()) play_.deliver(on, 1);
                return;
            case fault::longer: {
                auto wire = target_.wire_of(on, one);
                wire[7] ^= std::byte{8};
                play_.send(on, wire);
                return play_.deliver(on, SIZE_MAX);
            }
            case fault::other_tag:
                add(one, 16);
                return tell(on, one);
            case fault::other_transfer_tag:
                add(one, 20);
                return tell(on, one);
            case fault::other_stat_sn:
                pdu::store_be<4>(one.bhs.data() + 24, target_.at(on).stat_sn.value + 5);
                return tell(on, one);
            case fault::other_data_sn:
                add(one, 36);
                return tell(on, one);
            case fault::other_offset:
                add(one, 40);
                return tell(on, one);
            case fault::other_flags:
                one.bhs[1] ^= std::byte{0xff};
                return tell(on, one);
            case fault::no_opcode:
                one.bhs[0] = std::byte{0x3e};
                return tell(on, one);
            case fault::small_window:
                target_.window = 0;
                tell(on, one);
                target_.window = 32;
                return;
            case fault::ping_flood:
                return flood(on, one);
            case fault::endless_text:
                return talk_on(on, one);
        }
    }

    void flood(connection_number on, said& one) {
        target_.at(on).allowance = 0;  // and does not read the answers
        for (std::uint32_t n = 0; n < 6000 && target_.at(on).up; ++n) {
            said ping{pdu::encode(pdu::nop_in{.target_transfer_tag = pdu::transfer_tag{n}}), {}, false};
            tell(on, ping);
        }
        target_.at(on).allowance = SIZE_MAX;
        if (target_.at(on).up) tell(on, one);
    }

    /// The text of this response never ends: C bit, and more, and more.
    void talk_on(connection_number on, said& one) {
        const auto opcode = pdu::opcode_of(one.bhs);
        const bool login = opcode == pdu::opcode::login_response;
        if (!login && opcode != pdu::opcode::text_response) return tell(on, one);
        one.bhs[1] = (one.bhs[1] & std::byte{0x3f} & std::byte{0xfc}) | std::byte{0x40};
        pdu::store_be<4>(one.bhs.data() + 20, login ? 0 : 9);
        one.data.assign(1000, std::byte{'a'});
        for (int n = 0; n < 5000 && target_.at(on).up; ++n) {
            auto again = one;
            tell(on, again);
            if (target_.at(on).requests.empty()) return;
            target_.at(on).requests.clear();
        }
        text_ended_ = !target_.at(on).up;
    }

    fuzz::well_meaning_target target_;
    fuzz::session_play play_;
    fault kind_;
    unsigned at_;
    unsigned step_ = 0;
    std::vector<std::byte> late_;
    bool text_ended_ = true;
};

struct check_every_fault : testing::TestWithParam<scenario> {};

TEST_P(check_every_fault, ends_each_run_within_its_time) {
    unsigned runs = 0;
    for (const unsigned level : {0U, 1U, 2U})
        for (const unsigned connections : {1U, 2U}) {
            fault_run plain(level, connections, fault::none, 0);
            ASSERT_TRUE(plain.run(GetParam())) << "without any fault";
            for (unsigned at = 0; at < plain.steps(); ++at)
                for (unsigned kind = 1; kind < static_cast<unsigned>(fault::kinds); ++kind) {
                    fuzz::circumstances() = std::string(GetParam().name) + ", level " + std::to_string(level) + ", " +
                                            std::to_string(connections) + " connections, fault " +
                                            std::to_string(kind) + " at step " + std::to_string(at);
                    fault_run broken(level, connections, static_cast<fault>(kind), at);
                    ASSERT_TRUE(broken.run(GetParam())) << fuzz::circumstances();
                    ASSERT_TRUE(broken.text_ended()) << fuzz::circumstances() << ": a text without end";
                    ++runs;
                }
        }
    EXPECT_GT(runs, 100U) << "too few to prove anything";
}

INSTANTIATE_TEST_SUITE_P(script, check_every_fault, testing::ValuesIn(scenarios), [](const auto& one) {
    return std::string(one.param.name);
});

}  // namespace
}  // namespace persiscsi::test
