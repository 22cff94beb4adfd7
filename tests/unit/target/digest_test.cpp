// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.hpp"

#include <gmock/gmock.h>

namespace persiscsi::target::test {
namespace {

class digest_test : public target_test, public testing::WithParamInterface<std::pair<bool, bool>> {
  protected:
    static pdu::text_keys wished(bool header, bool data) {
        return {{"HeaderDigest", header ? "CRC32C" : "None"},
                {"DataDigest", data ? "CRC32C" : "None"},
                {"MaxRecvDataSegmentLength", "5001"},
                {"MaxBurstLength", "16384"}};
    }
};

TEST_P(digest_test, write_and_read_agree) {
    start();
    const auto [header, data] = GetParam();
    raw_initiator initiator((*target)->port(), {.keys = wished(header, data)});
    ASSERT_EQ(initiator.login().status, pdu::login_status::success);
    EXPECT_EQ((*target)->sessions().at(0).header_digest, header);
    EXPECT_EQ((*target)->sessions().at(0).data_digest, data);
    initiator.piece = 4097;  // needs padding
    const auto bytes = pattern(65536);
    EXPECT_EQ(initiator.run_write({0x2a, 0, 0, 0, 0, 1, 0, 0, 128, 0}, bytes, 512).status, 0);
    EXPECT_EQ(initiator.run({0x28, 0, 0, 0, 0, 1, 0, 0, 128, 0}, 65536).data, bytes);
}

INSTANTIATE_TEST_SUITE_P(
    ,
    digest_test,
    testing::Values(std::pair{false, false}, std::pair{true, false}, std::pair{false, true}, std::pair{true, true}),
    [](const auto& tested) {
        return std::string(tested.param.first ? "header" : "no_header") + (tested.param.second ? "_data" : "_no_data");
    });

TEST_F(digest_test, required_digest_that_is_not_offered_fails_the_login) {
    violations_expected = true;
    auto options = plain_target();
    options.header_digest = digest_policy::required;
    start(options);
    raw_initiator plain((*target)->port(), {});
    EXPECT_EQ(plain.login().status, pdu::login_status::initiator_error);
    raw_initiator with((*target)->port(), {.keys = {{"HeaderDigest", "None,CRC32C"}}});
    EXPECT_EQ(with.login().status, pdu::login_status::success);
    EXPECT_EQ(pdu::find_key(with.answers(), "HeaderDigest"), "CRC32C");
}

TEST_F(digest_test, wrong_header_digest_closes) {
    violations_expected = true;
    start();
    raw_initiator initiator((*target)->port(), {.keys = wished(true, false)});
    initiator.login();
    std::vector<std::byte> bytes(52, std::byte{0});
    bytes[0] = std::byte{0x40};
    initiator.send_bytes(bytes);
    EXPECT_TRUE(initiator.is_closed());
    EXPECT_THAT((*target)->violations().at(0), testing::HasSubstr("header digest mismatch"));
}

TEST_F(digest_test, wrong_data_digest_closes_and_the_write_is_not_acknowledged) {
    violations_expected = true;
    start();
    raw_initiator initiator((*target)->port(), {.keys = wished(false, true)});
    initiator.login();
    const std::initializer_list<std::uint8_t> cdb = {0x2a, 0, 0, 0, 0, 1, 0, 0, 1, 0};
    const auto data = pattern(512);
    const pdu::frame frame(
        pdu::encode(initiator.command(cdb, 512, false, true)), {}, data, {.header = false, .data = true});
    initiator.send_bytes(frame.head());
    initiator.send_bytes(pattern(512, 9));
    initiator.send_bytes(frame.tail());
    EXPECT_TRUE(initiator.is_closed());
    EXPECT_THAT((*target)->violations().at(0), testing::HasSubstr("data digest mismatch"));
}

}  // namespace
}  // namespace persiscsi::target::test
