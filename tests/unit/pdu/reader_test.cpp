// SPDX-License-Identifier: Apache-2.0
#include "pdu/errors.hpp"
#include "pdu/pdu_reader.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>

namespace persiscsi::pdu {
namespace {

using step = pdu_reader::step;
using test::bytes;

constexpr std::uint32_t limit = 100000;

struct received_pdu {
    bhs_bytes header{};
    bytes ahs;
    bytes data;

    friend bool operator==(const received_pdu&, const received_pdu&) = default;
};

/// Gives the wire to the reader in pieces of at most `piece` bytes and gathers what comes out.
class feeder {
  public:
    explicit feeder(pdu_reader& reader, bool place = false) : reader_(reader), place_(place) {}

    /// Returns the last answer of next(): need_bytes or failed.
    step feed(std::span<const std::byte> wire, std::size_t piece = SIZE_MAX) {
        step last = step::need_bytes;
        while (!wire.empty() && last != step::failed) {
            auto rest = wire.first(std::min(piece, wire.size()));
            std::size_t count = 0;
            for (const auto place : reader_.space()) {
                const auto part = std::min(place.size(), rest.size());
                if (part > 0) std::memcpy(place.data(), rest.data(), part);
                rest = rest.subspan(part);
                count += part;
            }
            EXPECT_GT(count, 0U) << "the reader wants bytes and has no space for them";
            if (count == 0) return step::failed;
            reader_.filled(count);
            wire = wire.subspan(count);
            last = drain();
        }
        return last;
    }

    std::vector<received_pdu> pdus;
    std::size_t headers = 0;
    std::size_t corrupt = 0;
    bytes placed;  ///< the caller's own memory, where data is placed

  private:
    step drain() {
        for (;;) {
            const auto now = reader_.next();
            if (now == step::need_bytes || now == step::failed) return now;
            if (now == step::corrupt) {
                ++corrupt;
                continue;
            }
            if (now == step::header) {
                ++headers;
                if (!place_) continue;
                placed.assign(reader_.data_size(), std::byte{0});
                reader_.place_data(placed);
                continue;
            }
            pdus.push_back({reader_.header(),
                            {reader_.ahs().begin(), reader_.ahs().end()},
                            {reader_.data().begin(), reader_.data().end()}});
            EXPECT_EQ(reader_.data().size(), reader_.data_size());
            if (place_) {
                EXPECT_EQ(reader_.data().data(), placed.data());
            }
        }
    }

    pdu_reader& reader_;
    bool place_;
};

struct reader_case {
    digests used;
    std::size_t ahs_size;
    std::size_t data_size;

    friend std::ostream& operator<<(std::ostream& to, const reader_case& one) {
        return to << "header_digest_" << one.used.header << "_data_digest_" << one.used.data << "_ahs_" << one.ahs_size
                  << "_data_" << one.data_size;
    }
};

received_pdu make_pdu(const reader_case& one, unsigned seed) {
    std::mt19937 generator(seed);
    received_pdu pdu;
    const auto head = test::random_bytes(generator, bhs_size);
    std::copy(head.begin(), head.end(), pdu.header.begin());
    pdu.ahs = test::random_bytes(generator, one.ahs_size);
    pdu.data = test::random_bytes(generator, one.data_size);
    const frame sent(pdu.header, pdu.ahs, pdu.data, {});
    std::copy_n(sent.head().begin(), bhs_size, pdu.header.begin());
    return pdu;
}

bytes wire_of(const received_pdu& pdu, digests used) {
    const frame sent(pdu.header, pdu.ahs, pdu.data, used);
    bytes wire;
    test::append(wire, sent.head());
    test::append(wire, sent.data());
    test::append(wire, sent.tail());
    return wire;
}

std::vector<reader_case> reader_cases() {
    std::vector<reader_case> cases;
    for (const bool header : {false, true})
        for (const bool data : {false, true})
            for (const std::size_t ahs_size : {0U, 4U, 1020U})
                for (const std::size_t data_size : {0U, 1U, 2U, 3U, 4U, 512U, 70001U})
                    cases.push_back({{header, data}, ahs_size, data_size});
    return cases;
}

/// Runs `check(case, pdu, wire)` for every mixture of digests, AHS, padding and size.
template <class Check>
void for_each_case(Check check) {
    for (const auto& one : reader_cases()) {
        SCOPED_TRACE(testing::PrintToString(one));
        const auto pdu = make_pdu(one, 1);
        check(one, pdu, wire_of(pdu, one.used));
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(reader, takes_the_pdu_whole) {
    for_each_case([](const reader_case& one, const received_pdu& pdu, const bytes& wire) {
        pdu_reader reader(limit, one.used);
        feeder feed(reader);
        EXPECT_EQ(feed.feed(wire), step::need_bytes) << reader.error_detail();
        EXPECT_EQ(feed.pdus, std::vector{pdu});
        EXPECT_EQ(feed.headers, 1U);
    });
}

TEST(reader, takes_the_pdu_byte_by_byte) {
    for_each_case([](const reader_case& one, const received_pdu& pdu, const bytes& wire) {
        pdu_reader reader(limit, one.used);
        feeder feed(reader);
        EXPECT_EQ(feed.feed(wire, 1), step::need_bytes) << reader.error_detail();
        EXPECT_EQ(feed.pdus, std::vector{pdu});
    });
}

TEST(reader, takes_the_pdu_into_memory_of_the_caller_in_odd_pieces) {
    for_each_case([](const reader_case& one, const received_pdu& pdu, const bytes& wire) {
        pdu_reader reader(limit, one.used);
        feeder feed(reader, true);
        EXPECT_EQ(feed.feed(wire, 1447), step::need_bytes) << reader.error_detail();
        EXPECT_EQ(feed.pdus, std::vector{pdu});
        EXPECT_EQ(feed.placed, pdu.data);
    });
}

TEST(reader, keeps_trailing_bytes_for_the_next_pdu) {
    for_each_case([](const reader_case& one, const received_pdu& pdu, const bytes& wire) {
        pdu_reader reader(limit, one.used);
        feeder feed(reader);
        const auto next = make_pdu({one.used, 4, 7}, 2);
        const auto next_wire = wire_of(next, one.used);
        bytes both = wire;
        test::append(both, std::span(next_wire).first(next_wire.size() - 1));
        EXPECT_EQ(feed.feed(both), step::need_bytes);
        EXPECT_EQ(feed.pdus, std::vector{pdu});
        EXPECT_EQ(feed.feed(std::span(next_wire).last(1)), step::need_bytes) << reader.error_detail();
        EXPECT_EQ(feed.pdus, (std::vector{pdu, next}));
    });
}

TEST(reader, wants_more_of_a_truncated_pdu_and_gives_none) {
    for_each_case([](const reader_case& one, const received_pdu&, const bytes& wire) {
        for (std::size_t size = 0; size < wire.size(); size += wire.size() < 200 ? 1 : 1 + wire.size() / 70) {
            pdu_reader reader(limit, one.used);
            feeder feed(reader);
            ASSERT_EQ(feed.feed(std::span(wire).first(size)), step::need_bytes) << size;
            ASSERT_TRUE(feed.pdus.empty()) << size;
        }
        pdu_reader reader(limit, one.used);
        feeder feed(reader);
        EXPECT_EQ(feed.feed(std::span(wire).first(wire.size() - 1)), step::need_bytes);
        EXPECT_TRUE(feed.pdus.empty());
    });
}

TEST(reader, notices_each_flipped_bit_that_a_digest_covers) {
    for_each_case([](const reader_case& one, const received_pdu&, const bytes& wire) {
        const auto [used, ahs_size, data_size] = one;
        const auto head_size = bhs_size + ahs_size + (used.header ? digest_size : 0);
        for (std::size_t at = 0; at < wire.size(); at += wire.size() < 200 ? 1 : 1 + wire.size() / 40) {
            const bool covered = at < head_size ? used.header : used.data;
            if (!covered || (at >= 4 && at < 8)) continue;  // a wrong length is another matter: less or more is covered
            bytes flipped = wire;
            flipped[at] ^= static_cast<std::byte>(1U << (at % 8));
            pdu_reader reader(limit, used);
            feeder feed(reader);
            const bool of_head = at < head_size;
            ASSERT_EQ(feed.feed(flipped), of_head ? step::failed : step::need_bytes) << "byte " << at;
            ASSERT_EQ(feed.corrupt, of_head ? 0U : 1U) << "byte " << at;
            ASSERT_EQ(
                reader.error(),
                of_head ? protocol_errc::remote_header_digest_mismatch : protocol_errc::remote_data_digest_mismatch);
            ASSERT_THAT(reader.error_detail(), testing::MatchesRegex("received 0x[0-9a-f]{8}, computed 0x[0-9a-f]{8}"));
            ASSERT_TRUE(feed.pdus.empty());
        }
    });
}

TEST(reader, goes_on_with_the_next_pdu_after_one_whose_data_is_corrupt) {
    const digests used{.header = true, .data = true};
    const auto good = make_pdu({used, 8, 100}, 2);
    bytes wire = wire_of(make_pdu({used, 8, 100}, 1), used);
    wire.back() ^= std::byte{1};
    const bytes whole = wire_of(good, used);
    wire.insert(wire.end(), whole.begin(), whole.end());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, wire.size()}) {
        pdu_reader reader(limit, used);
        feeder feed(reader, true);
        EXPECT_EQ(feed.feed(wire, piece), step::need_bytes);
        EXPECT_EQ(feed.corrupt, 1U);
        EXPECT_THAT(feed.pdus, testing::ElementsAre(good));
    }
}

TEST(reader, several_pdus_in_one_buffer_come_out_in_order) {
    const digests used{.header = true, .data = true};
    std::vector<received_pdu> pdus;
    bytes wire;
    for (unsigned i = 0; i < 500; ++i) {
        pdus.push_back(make_pdu({used, 4 * (i % 3), (i * 37) % 1500}, i));
        test::append(wire, wire_of(pdus.back(), used));
    }
    for (const std::size_t piece : {std::size_t{7}, std::size_t{4096}, std::size_t{40000}, SIZE_MAX}) {
        pdu_reader reader(limit, used);
        feeder feed(reader);
        EXPECT_EQ(feed.feed(wire, piece), step::need_bytes) << reader.error_detail();
        EXPECT_EQ(feed.pdus, pdus) << "pieces of " << piece;
    }
}

TEST(reader, own_memory_and_memory_of_the_caller_may_alternate) {
    pdu_reader reader(limit);
    const auto first = make_pdu({{}, 0, 300}, 1);
    const auto second = make_pdu({{}, 0, 300}, 2);
    const auto third = make_pdu({{}, 0, 200}, 3);
    feeder placing(reader, true);
    feeder keeping(reader);
    EXPECT_EQ(placing.feed(wire_of(first, {})), step::need_bytes);
    EXPECT_EQ(keeping.feed(wire_of(second, {})), step::need_bytes);
    EXPECT_EQ(placing.placed, first.data) << "a later PDU went to memory that was given to an earlier one";
    EXPECT_EQ(keeping.feed(wire_of(third, {})), step::need_bytes);
    EXPECT_EQ(placing.pdus, std::vector{first});
    EXPECT_EQ(keeping.pdus, (std::vector{second, third}));
}

TEST(reader, data_of_a_large_segment_is_read_into_its_place_without_staging) {
    pdu_reader reader(limit);
    const auto pdu = make_pdu({{}, 0, 60000}, 1);
    const auto wire = wire_of(pdu, {});
    bytes memory(60000);
    auto place = reader.space()[1];
    std::copy_n(wire.begin(), bhs_size, place.begin());
    reader.filled(bhs_size);
    ASSERT_EQ(reader.next(), step::header);
    reader.place_data(memory);
    ASSERT_EQ(reader.next(), step::need_bytes);
    EXPECT_EQ(reader.space()[0].data(), memory.data());
    EXPECT_EQ(reader.space()[0].size(), memory.size());
}

TEST(reader, a_data_segment_at_the_limit_is_taken_one_byte_more_fails_before_it_is_read) {
    for (const std::uint32_t allowed : {0U, 512U, 70000U}) {
        pdu_reader at_limit(allowed);
        feeder good(at_limit);
        EXPECT_EQ(good.feed(wire_of(make_pdu({{}, 0, allowed}, 1), {})), step::need_bytes);
        EXPECT_EQ(good.pdus.size(), 1U);

        pdu_reader above(allowed);
        feeder bad(above);
        const auto wire = wire_of(make_pdu({{}, 0, allowed + 1}, 1), {});
        EXPECT_EQ(bad.feed(std::span(wire).first(bhs_size)), step::failed);
        EXPECT_EQ(above.error(), protocol_errc::remote_data_segment_too_long);
        EXPECT_EQ(above.error_detail(), std::to_string(allowed + 1) + " bytes, allowed " + std::to_string(allowed));
    }
}

TEST(reader, a_broken_header_digest_is_blamed_before_the_length_it_may_have_broken) {
    const digests used{.header = true, .data = false};
    auto wire = wire_of(make_pdu({used, 0, 16}, 1), used);
    wire[5] = std::byte{0xff};
    pdu_reader reader(limit, used);
    EXPECT_EQ(feeder(reader).feed(wire), step::failed);
    EXPECT_EQ(reader.error(), protocol_errc::remote_header_digest_mismatch);
}

TEST(reader, stays_failed) {
    pdu_reader reader(16);
    feeder feed(reader);
    EXPECT_EQ(feed.feed(wire_of(make_pdu({{}, 0, 20}, 1), {})), step::failed);
    EXPECT_EQ(reader.next(), step::failed);
    EXPECT_EQ(feed.feed(wire_of(make_pdu({{}, 0, 0}, 1), {})), step::failed);
    EXPECT_EQ(reader.error(), protocol_errc::remote_data_segment_too_long);
}

TEST(reader, new_rules_hold_from_the_next_header_on) {
    pdu_reader reader(100);
    feeder feed(reader);
    const digests used{.header = true, .data = true};
    const auto login = make_pdu({{}, 4, 50}, 1);
    const auto later = make_pdu({used, 4, 5000}, 2);
    const auto login_wire = wire_of(login, {});
    EXPECT_EQ(feed.feed(std::span(login_wire).first(bhs_size)), step::need_bytes);
    reader.expect(8192, used);
    EXPECT_EQ(feed.feed(std::span(login_wire).subspan(bhs_size)), step::need_bytes) << reader.error_detail();
    EXPECT_EQ(feed.feed(wire_of(later, used)), step::need_bytes) << reader.error_detail();
    EXPECT_EQ(feed.pdus, (std::vector{login, later}));
}

TEST(reader, padding_that_is_not_zero_is_accepted_without_a_data_digest) {
    auto wire = wire_of(make_pdu({{}, 0, 5}, 1), {});
    wire.back() = std::byte{0xff};
    pdu_reader reader(limit);
    feeder feed(reader);
    EXPECT_EQ(feed.feed(wire), step::need_bytes);
    EXPECT_EQ(feed.pdus.size(), 1U);
}

TEST(pdu_reader, memory_that_is_withdrawn_is_left_alone_and_the_pdu_is_whole_all_the_same) {
    const auto data = bytes(100, std::byte{3});
    const digests used{.header = false, .data = true};
    const frame sent({}, {}, data, used);
    for (std::size_t first = bhs_size; first <= bhs_size + data.size(); ++first) {
        pdu_reader reader(8192, used);
        bytes wire;
        for (const auto part : {sent.head(), sent.data(), sent.tail()}) test::append(wire, part);
        const auto feed = [&](std::size_t from, std::size_t to) {
            std::copy(wire.begin() + static_cast<std::ptrdiff_t>(from),
                      wire.begin() + static_cast<std::ptrdiff_t>(to),
                      reader.space()[reader.space()[0].empty() ? 1 : 0].begin());
            reader.filled(to - from);
        };
        feed(0, bhs_size);
        ASSERT_EQ(reader.next(), pdu_reader::step::header);
        bytes memory(data.size());
        reader.place_data(memory);
        ASSERT_EQ(reader.next(), pdu_reader::step::need_bytes);
        if (first > bhs_size) feed(bhs_size, first);
        ASSERT_EQ(reader.next(), pdu_reader::step::need_bytes);
        EXPECT_FALSE(reader.withdraw(bytes(7)));
        ASSERT_TRUE(reader.withdraw(memory));
        std::fill(memory.begin(), memory.end(), std::byte{9});
        feed(first, bhs_size + data.size());
        (void)reader.next();
        feed(bhs_size + data.size(), wire.size());
        ASSERT_EQ(reader.next(), pdu_reader::step::pdu) << reader.error_detail();
        EXPECT_EQ(bytes(reader.data().begin(), reader.data().end()), data);
        EXPECT_EQ(memory, bytes(data.size(), std::byte{9}));
    }
}

}  // namespace
}  // namespace persiscsi::pdu
