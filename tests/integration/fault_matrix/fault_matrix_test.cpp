// SPDX-License-Identifier: Apache-2.0
// Every PDU × every fault, over loopback TCP and by the public API: each combination ends with the right data or with
// an error of ours, within its time and its memory. tests/script/every_fault_test.cpp does the like under virtual time,
// with the core alone; here driver, sockets and timers take part. All combinations of one fault live side by side.
#include "tests/integration/fault_matrix/cell.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <malloc.h>
#include <map>

// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizers' own
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace persiscsi::test {
namespace {

using namespace std::chrono_literals;

constexpr auto limit = 60s;                           // for all of one fault; most take a second or less
constexpr std::size_t most_memory = 2 * 1024 * 1024;  // bytes of one combination, both ends

std::size_t heap_in_use() {
    if (__sanitizer_get_current_allocated_bytes != nullptr) return __sanitizer_get_current_allocated_bytes();
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

struct fault_matrix : testing::TestWithParam<fault_row> {
    boost::asio::io_context io;
    std::vector<std::unique_ptr<cell>> cells;
    std::map<std::string, unsigned> left_out;

    void fill() {
        for (const auto& pdu : pdu_rows)
            for (const auto& agreed : arrangements) {
                if (const auto why = no_meaning(GetParam(), pdu, agreed)) {
                    ++left_out[std::string(pdu.name) + ": " + *why];
                    continue;
                }
                cells.push_back(std::make_unique<cell>(io, GetParam(), pdu, agreed));
            }
    }
    [[nodiscard]] std::size_t run() {
        const auto before = heap_in_use();
        std::size_t most = before;
        for (const auto& each : cells)
            boost::asio::co_spawn(io, each->live(), [name = each->name()](const std::exception_ptr& failed) {
                EXPECT_FALSE(failed) << name;
            });
        const auto end = std::chrono::steady_clock::now() + limit;
        const auto all_done = [&] {
            return std::all_of(cells.begin(), cells.end(), [](const auto& each) { return each->done(); });
        };
        while (!all_done() && std::chrono::steady_clock::now() < end) {
            io.run_one_for(10ms);
            for (int i = 0; i < 20; ++i) io.poll_one();
            most = std::max(most, heap_in_use());
        }
        return most - before;
    }
};

TEST_P(fault_matrix, ends_in_right_data_or_a_named_error) {
    fill();
    const auto memory = run();
    for (const auto& [what, count] : left_out) std::cout << "left out: " << what << " (" << count << ")\n";
    for (const auto& each : cells) {
        std::cout << each->name() << ": " << each->outcome() << '\n';
        if (GetParam().recovered && each->must_go_on()) {
            EXPECT_EQ(each->outcome(), "data right") << each->name();
        }
        EXPECT_TRUE(each->done()) << each->name() << " hangs in " << each->step();
        for (const auto& complaint : each->complaints()) ADD_FAILURE() << each->name() << ": " << complaint;
    }
    std::cout << cells.size() << " combinations, " << memory / 1024 << " KiB of heap at most\n";
    EXPECT_FALSE(cells.empty());
    EXPECT_LT(memory, cells.size() * most_memory);
}

INSTANTIATE_TEST_SUITE_P(, fault_matrix, testing::ValuesIn(fault_rows), [](const auto& one) {
    return std::string(one.param.name);
});

}  // namespace
}  // namespace persiscsi::test
