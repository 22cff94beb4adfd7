// SPDX-License-Identifier: Apache-2.0
// Data through every way that RFC 7143 has for it: immediate, unsolicited, solicited, with each digest.
#include "tests/integration/initiator/session_fixture.hpp"

namespace persiscsi::test {
namespace {

struct data_path {
    bool immediate_data;
    bool initial_r2t;
    digest_wish header;
    digest_wish data;
    std::size_t size;
};

struct every_data_path : session_fixture, testing::WithParamInterface<data_path> {};

TEST_P(every_data_path, what_was_written_is_read_back) {
    disk().limits.immediate_data = GetParam().immediate_data;
    disk().limits.initial_r2t = GetParam().initial_r2t;
    disk().limits.max_burst_length = 65536;
    disk().limits.first_burst_length = 16384;
    disk().limits.max_recv_data_segment_length = 8192;
    start_target();
    auto with = options();
    with.login.header_digest = GetParam().header;
    with.login.data_digest = GetParam().data;
    session session(io.get_executor(), with);
    ASSERT_FALSE(log_in(session)) << story;
    EXPECT_EQ(session.agreed()->header_digest, GetParam().header == digest_wish::crc32c);

    const auto written = pattern(GetParam().size);
    std::vector<std::byte> back(written.size());
    ASSERT_FALSE(write({session, pdu::lun_id{0}}, 8, written)) << story;
    ASSERT_FALSE(read({session, pdu::lun_id{0}}, 8, back)) << story;
    EXPECT_EQ(written, back);
    EXPECT_FALSE(log_out(session)) << story;
    EXPECT_EQ(target->counters().logouts, 1U);
}

std::vector<data_path> all_data_paths() {
    std::vector<data_path> paths;
    for (const bool immediate : {false, true})
        for (const bool r2t : {false, true})
            for (const auto header : {digest_wish::none, digest_wish::crc32c})
                for (const auto data : {digest_wish::none, digest_wish::crc32c})
                    for (const std::size_t size : {512U, 16384U, 1048576U})
                        paths.push_back({immediate, r2t, header, data, size});
    return paths;
}
INSTANTIATE_TEST_SUITE_P(all, every_data_path, testing::ValuesIn(all_data_paths()));

}  // namespace
}  // namespace persiscsi::test
