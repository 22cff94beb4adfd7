// SPDX-License-Identifier: Apache-2.0
#include "initiator/session/send_queue.hpp"

#include "pdu/nop_out.hpp"

#include <gtest/gtest.h>

#include <array>

namespace persiscsi {
namespace {

constexpr auto first = pdu::task_tag{1};
constexpr auto second = pdu::task_tag{2};

std::vector<std::byte> payload(std::size_t size, int value) {
    return std::vector<std::byte>(size, static_cast<std::byte>(value));
}

pdu::frame frame_of(std::span<const std::byte> data) {
    return pdu::frame(pdu::encode(pdu::nop_out{}), {}, data, {.header = true, .data = true});
}

/// All that is left, `step` bytes at a time.
std::vector<std::byte> drain(send_queue& queue, std::size_t step) {
    std::vector<std::byte> bytes;
    std::array<std::span<const std::byte>, 3> pieces;
    while (!queue.empty() || queue.size() > 0) {
        const auto used = queue.gather(pieces);
        std::size_t taken = 0;
        for (std::size_t i = 0; i < used && taken < step; ++i) {
            const auto part = pieces[i].first(std::min(step - taken, pieces[i].size()));
            bytes.insert(bytes.end(), part.begin(), part.end());
            taken += part.size();
        }
        queue.sent(taken);
    }
    return bytes;
}

std::vector<std::byte> flat(const pdu::frame& frame) {
    std::vector<std::byte> bytes;
    for (const auto piece : {frame.head(), frame.data(), frame.tail()})
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    return bytes;
}

TEST(send_queue, gives_every_byte_once_however_little_is_sent_at_a_time) {
    const auto a = payload(10, 0xaa);
    const auto b = payload(7, 0xbb);
    auto expected = flat(frame_of(a));
    const auto rest = flat(frame_of(b));
    expected.insert(expected.end(), rest.begin(), rest.end());
    for (const std::size_t step : {1U, 3U, 48U, 52U, 1000U}) {
        send_queue queue;
        queue.push(frame_of(a), first);
        queue.push(frame_of(b), second);
        EXPECT_EQ(queue.size(), expected.size());
        EXPECT_EQ(drain(queue, step), expected) << step;
    }
}

TEST(send_queue, release_drops_what_was_not_begun_and_finishes_what_was) {
    for (const std::size_t begun : {0U, 1U, 53U, 60U}) {
        auto a = payload(10, 0xaa);
        const auto whole = flat(frame_of(a));
        const auto b = payload(4, 0xbb);
        send_queue queue;
        queue.push(frame_of(a), first);
        queue.push(frame_of(a), first);
        queue.push(frame_of(b), second);
        queue.sent(begun);
        queue.release(first);
        std::fill(a.begin(), a.end(), std::byte{0});  // the memory is the caller's again

        std::vector<std::byte> expected;
        if (begun > 0) expected.assign(whole.begin() + static_cast<std::ptrdiff_t>(begun), whole.end());
        const auto rest = flat(frame_of(b));
        expected.insert(expected.end(), rest.begin(), rest.end());
        EXPECT_EQ(queue.size(), expected.size());
        EXPECT_EQ(drain(queue, 5), expected) << begun;
    }
}

}  // namespace
}  // namespace persiscsi
