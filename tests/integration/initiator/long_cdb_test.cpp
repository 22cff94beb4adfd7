// SPDX-License-Identifier: Apache-2.0
// CDBs of more than 16 bytes and commands that go both ways (RFC 7143 §11.2.2), against the scripted target.
#include "initiator/scsi/cdb_32.hpp"
#include "initiator/scsi/sense.hpp"
#include "tests/integration/initiator/session_fixture.hpp"

namespace persiscsi::test {
namespace {

using scsi::block_count;
using scsi::lba;

struct additional_headers : session_fixture {
    additional_headers() { disk().unit_attention = false; }

    scsi_outcome execute(session& over, scsi_task task) {
        scsi_outcome ended;
        EXPECT_FALSE(wait([&](auto then) {
            over.async_execute(task, story, [&, then](error_code error, scsi_outcome outcome) mutable {
                ended = std::move(outcome);
                then(error);
            });
        })) << story;
        return ended;
    }
    static std::vector<std::byte> difference(const std::vector<std::byte>& one, const std::vector<std::byte>& other) {
        auto result = one;
        for (std::size_t i = 0; i < result.size(); ++i) result[i] ^= other[i];
        return result;
    }
};

TEST_F(additional_headers, read_and_write_of_32_bytes_move_their_blocks) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    const auto data = pattern(600 * block_size);
    const auto write = scsi::write_32(lba{7}, block_count{600});
    const auto written = execute(session, {.cdb = write.first(), .cdb_rest = write.rest(), .data_out = data});
    EXPECT_EQ(written.status, 0);
    std::vector<std::byte> there(data.size());
    const auto read = scsi::read_32(lba{7}, block_count{600});
    const auto outcome = execute(session, {.cdb = read.first(), .cdb_rest = read.rest(), .data_in = there});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.data_in_size, there.size());
    EXPECT_EQ(there, data);
}

TEST_F(additional_headers, exchange_of_a_mebibyte_goes_both_ways_under_every_negotiation) {
    for (const bool initial_r2t : {false, true})
        for (const bool immediate : {false, true})
            for (const bool digests : {false, true}) {
                disk().limits.initial_r2t = initial_r2t;
                disk().limits.immediate_data = immediate;
                disk().limits.max_burst_length = 128 * 1024;
                disk().limits.first_burst_length = 64 * 1024;
                server.port = 0;
                server.store = nullptr;
                start_target();
                auto with = options();
                if (digests) with.login.header_digest = with.login.data_digest = digest_wish::crc32c;
                session session(io.get_executor(), with);
                ASSERT_FALSE(log_in(session)) << story;
                const auto old = pattern(2048 * block_size, 1), fresh = pattern(2048 * block_size, 2);
                ASSERT_FALSE(write({session, pdu::lun_id{0}}, 5, old)) << story;
                std::vector<std::byte> reply(old.size());
                const auto cdb = scsi::xdwriteread_10(lba{5}, block_count{2048});
                const auto outcome = execute(session, {.cdb = cdb.bytes, .data_in = reply, .data_out = fresh});
                EXPECT_EQ(outcome.status, 0);
                EXPECT_EQ(outcome.data_in_size, reply.size());
                EXPECT_TRUE(reply == difference(old, fresh));
                EXPECT_FALSE(outcome.underflow || outcome.overflow);
                EXPECT_FALSE(outcome.bidi_read_underflow || outcome.bidi_read_overflow);
                ASSERT_FALSE(read({session, pdu::lun_id{0}}, 5, reply)) << story;
                EXPECT_TRUE(reply == fresh);
                ASSERT_FALSE(log_out(session)) << story;
                EXPECT_EQ(target->violations(), std::vector<std::string>{});
            }
}

TEST_F(additional_headers, exchange_of_32_bytes_carries_both_segments) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    const auto data = pattern(block_size);
    std::vector<std::byte> reply(block_size);
    const auto cdb = scsi::xdwriteread_32(lba{5}, block_count{1});
    const auto outcome =
        execute(session, {.cdb = cdb.first(), .cdb_rest = cdb.rest(), .data_in = reply, .data_out = data});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(reply, data) << "the XOR with zeroes";
}

TEST_F(additional_headers, residuals_of_an_exchange_are_told_for_each_way) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    const auto data = pattern(2 * block_size);
    const auto cdb = scsi::xdwriteread_10(lba{5}, block_count{1});
    std::vector<std::byte> reply(block_size - 12);
    const auto short_read = execute(session, {.cdb = cdb.bytes, .data_in = reply, .data_out = data});
    EXPECT_EQ(short_read.status, 0);
    EXPECT_TRUE(short_read.underflow);
    EXPECT_EQ(short_read.residual_count, block_size);
    EXPECT_TRUE(short_read.bidi_read_overflow);
    EXPECT_EQ(short_read.bidi_read_residual_count, 12U);
    EXPECT_EQ(short_read.data_in_size, reply.size());
    reply.resize(block_size + 12);
    const auto long_read =
        execute(session, {.cdb = cdb.bytes, .data_in = reply, .data_out = std::span(data).first(block_size)});
    EXPECT_FALSE(long_read.underflow || long_read.overflow);
    EXPECT_TRUE(long_read.bidi_read_underflow);
    EXPECT_EQ(long_read.bidi_read_residual_count, 12U);
    EXPECT_EQ(long_read.data_in_size, block_size);
}

TEST_F(additional_headers, an_exchange_that_fails_moved_nothing) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    const auto data = pattern(block_size);
    std::vector<std::byte> reply(block_size);
    const auto cdb = scsi::xdwriteread_10(lba{8192}, block_count{1});
    const auto outcome = execute(session, {.cdb = cdb.bytes, .data_in = reply, .data_out = data});
    EXPECT_EQ(scsi::parse_sense(outcome.sense)->asc, 0x21);
    EXPECT_EQ(outcome.data_in_size, 0U);
    EXPECT_TRUE(outcome.underflow && outcome.bidi_read_underflow);
    EXPECT_EQ(outcome.residual_count, block_size);
    EXPECT_EQ(outcome.bidi_read_residual_count, block_size);
}

TEST_F(additional_headers, longest_cdb_arrives_whole) {
    start_target();
    session session(io.get_executor(), options());
    ASSERT_FALSE(log_in(session)) << story;
    scsi_task task;
    task.cdb[0] = std::byte{0xc0};
    std::vector<std::byte> rest(260 - 16);
    task.cdb_rest = rest;
    const auto outcome = execute(session, task);
    EXPECT_EQ(scsi::parse_sense(outcome.sense)->asc, 0x20);
}

}  // namespace
}  // namespace persiscsi::test
