// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seed.hpp"
#include "tests/fuzz/targets.hpp"

#include <random>

namespace persiscsi::fuzz {
namespace {

constexpr unsigned caller = 0;
constexpr unsigned network = 2;
constexpr unsigned clock = 3;
constexpr unsigned target_side = 5;

/// Commands of every kind, then moves of the target of which each is disturbed in its own way.
void add_moves(seed& script, unsigned disturbance) {
    for (const unsigned kind : {0U, 2U, 4U, 6U, 7U})
        script.number(caller).number(9).number(kind).number(3).number(16).number(1);
    for (unsigned n = 0; n < 24; ++n) {
        script.number(target_side).number(n).number(n).number(n % 5 == 4 ? disturbance : 0);
        if (n % 8 == 7) script.number(clock).number(200).number(n * 4);
    }
    script.number(network).number(disturbance).number(disturbance % 4).number(network).number(0).number(2);
}

}  // namespace

std::vector<bytes> session_seeds() {
    std::vector<bytes> seeds;
    for (const unsigned level : {0U, 1U, 2U})
        for (const unsigned connections : {0U, 1U, 3U})
            for (const unsigned flags : {2U, 3U, 12U, 0x53U}) {
                seed script;
                script.number(level).number(connections).number(flags).number(1);
                add_moves(script, 4 + (level + connections + flags) % 10);
                seeds.push_back(script);
            }
    std::mt19937 dice(7143);
    for (unsigned n = 0; n < 12; ++n) {
        seed script;
        script.number(n % 3).number(n % 4).number(dice() % 256).number(1);
        for (unsigned i = 0; i < 300; ++i) script.number(dice() % 256);
        seeds.push_back(script);
    }
    return seeds;
}

}  // namespace persiscsi::fuzz
