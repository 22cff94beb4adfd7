// SPDX-License-Identifier: Apache-2.0
// Whole sessions: each byte of the input is a move of the target, the network, the clock or a caller.
#include "tests/fuzz/session_moves.hpp"
#include "tests/fuzz/session_play.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_unfinished = 64;
constexpr unsigned most_moves = 400;

session_options options_from(input& from, well_meaning_target& target) {
    session_options options;
    options.login.initiator_name = "iqn.2024-01.example:initiator";
    options.login.target_name = "iqn.2024-01.example:disk1";
    options.login.isid = pdu::isid{0x800000000001};
    options.portal = {"192.0.2.7", 3260};
    auto& wishes = options.login.wishes;
    wishes.error_recovery_level = static_cast<std::uint8_t>(from.below(3));
    wishes.max_connections = static_cast<std::uint16_t>(1 + from.below(4));
    const auto flags = from.number();
    wishes.initial_r2t = (flags & 1U) != 0;
    wishes.immediate_data = (flags & 2U) != 0;
    wishes.max_outstanding_r2t = wishes.error_recovery_level > 0 ? 1 : 4;
    if ((flags & 4U) != 0) options.login.header_digest = digest_wish::crc32c;
    if ((flags & 8U) != 0) options.login.data_digest = digest_wish::crc32c;
    if ((flags & 16U) != 0) options.recovery = fail_at_once{};
    if ((flags & 32U) != 0) options.recovery = fail_after{std::chrono::seconds(30)};
    target.window = (flags & 64U) != 0 ? 2 : 32;
    target.login_answers = {
        {"MaxBurstLength", "4096"}, {"FirstBurstLength", "4096"}, {"MaxRecvDataSegmentLength", "1024"}};
    if ((flags & 128U) != 0) target.login_answers.push_back({"ErrorRecoveryLevel", "0"});
    return options;
}

connection_number any_line(input& from, const session_play& play) {
    return static_cast<connection_number>(from.below(static_cast<unsigned>(play.core.connection_count())));
}

void move_caller(input& from, session_play& play) {
    const auto size = 512 * from.below(20);
    if (play.unfinished() > most_unfinished) return;
    switch (from.below(8)) {
        case 0:
        case 1:
            return play.submit(size, 0, 0, from.flag());
        case 2:
        case 3:
            return play.submit(0, size, 0, from.flag());
        case 4:
            return play.submit(size, 512 * from.below(20), from.below(17), from.flag());
        case 5:
            return play.cancel(from.number());
        case 6:
            return play.submit_text();
        default:
            return play.manage(static_cast<pdu::task_management_function>(2 + from.below(6)));
    }
}

void move_target(input& from, session_play& play, well_meaning_target& target) {
    auto on = any_line(from, play);
    auto one = target.next(on, from.number());
    const auto how = from.below(14);
    if (how == 13) one = reject(from, target.at(on));
    if (how == 12) one = async(from);
    if (how == 11) one = wild(from, target);
    if (!one) return;
    if (how == 10) bend(from, *one, target);
    if (how == 9) on = any_line(from, play);
    auto wire = target.wire_of(on, *one);
    if (how == 8) return;  // lost: a gap in the numbers
    if (how == 7) play.send(on, wire);
    if (how == 6) damage(from, wire, target.at(on).digests);
    play.send(on, wire);
    play.deliver(on, how == 5 ? from.number() : wire.size() * 2);
}

void move_network(input& from, session_play& play, well_meaning_target& target) {
    const auto on = any_line(from, play);
    switch (from.below(6)) {
        case 0:
            return play.transport_lost(on);
        case 1:
            return play.deliver(on, 1 + from.number());
        case 2:
            target.at(on).allowance = 16 * from.number();
            return;
        case 3:
            target.at(on).allowance = SIZE_MAX;
            return play.settle();
        default:
            return play.transport_up(on);
    }
}

/// From now on the target means well, and the network works: what is outstanding must come to an end.
void make_good(session_play& play, well_meaning_target& target) {
    for (int round = 0; play.unfinished() > 0 && round < 2000; ++round) {
        bool moved = false;
        for (connection_number on = 0; on < play.core.connection_count(); ++on) {
            target.at(on).allowance = SIZE_MAX;
            play.settle();
            play.transport_up(on);
            auto from = on;
            while (auto one = target.next(from, 0)) {
                moved = true;
                play.send(from, target.wire_of(from, *one));
                play.deliver(from, SIZE_MAX);
                from = on;
            }
        }
        if (!moved) play.pass(milliseconds(500));
    }
    must(play.unfinished() == 0 || play.core.state() == session_state::idle ||
             play.core.state() == session_state::failed,
         "with a target that means well every command comes to its end");
}

}  // namespace

void session(input from) {
    well_meaning_target target;
    session_play play(options_from(from, target), target);
    play.log_in();
    if (from.flag()) make_good(play, target);
    for (unsigned moves = 0; !from.empty() && moves < most_moves; ++moves) {
        switch (from.below(8)) {
            case 0:
            case 1:
                move_caller(from, play);
                break;
            case 2:
                move_network(from, play, target);
                break;
            case 3:
                play.pass(milliseconds(from.number() * from.number()));
                break;
            case 4:
                if (from.number() == 77) play.log_out();
                if (from.number() == 78) play.log_in();
                break;
            default:
                move_target(from, play, target);
        }
        play.check_memory();
    }
    if (from.flag()) return;
    make_good(play, target);
}

}  // namespace persiscsi::fuzz
