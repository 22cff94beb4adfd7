// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "initiator/scsi/errors.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>

namespace persiscsi::scsi::test {

using persiscsi::test::bytes;
using persiscsi::test::from_hex;

/// Feeds a parser `whole`, a reply it takes, in every way a target may send it: whole, cut at every length, with bytes
/// behind it, and with each of its bytes turned into others. Whatever comes, there is a value or an error with a
/// detail; each piece is memory of its own, so that the sanitizer builds see any read behind it.
template <class Parse>
void feed_four_ways(Parse parse, const bytes& whole) {
    const auto expected = parse(std::span<const std::byte>(whole));
    ASSERT_FALSE(expected.error) << expected.detail;
    const auto sane = [&](const bytes& reply, const char* how, std::size_t where) {
        const auto parsed = parse(std::span<const std::byte>(reply));
        EXPECT_EQ(static_cast<bool>(parsed.error), !parsed.detail.empty()) << how << " " << where;
        if (parsed.error) {
            EXPECT_EQ(parsed.error, scsi_errc::malformed_reply) << how << " " << where;
            EXPECT_EQ(parsed.value, decltype(parsed.value){}) << how << " " << where;
        }
    };
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto part = std::span(whole).first(size);
        sane({part.begin(), part.end()}, "cut at", size);
    }
    for (const std::size_t more : {1U, 3U, 4U, 8U, 64U}) {
        auto longer = whole;
        longer.resize(whole.size() + more, std::byte{0xff});
        const auto parsed = parse(std::span<const std::byte>(longer));
        EXPECT_FALSE(parsed.error) << parsed.detail;
        EXPECT_EQ(parsed.value, expected.value) << more << " bytes behind";
    }
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const unsigned lie : {0x00U, 0x01U, 0x7fU, 0x80U, 0xfeU, 0xffU}) {
            auto changed = whole;
            changed[at] = static_cast<std::byte>(lie);
            sane(changed, "another byte at", at);
        }
    std::mt19937 generator(3720);
    for (int i = 0; i < 2000; ++i) {
        auto noise = persiscsi::test::random_bytes(generator, generator() % (whole.size() + 16));
        std::copy_n(
            whole.begin(), std::min({noise.size(), whole.size(), std::size_t{generator() % 12}}), noise.begin());
        sane(noise, "noise", static_cast<std::size_t>(i));
    }
}

}  // namespace persiscsi::scsi::test
