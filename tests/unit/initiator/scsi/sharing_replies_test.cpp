// SPDX-License-Identifier: Apache-2.0
// The replies about persistent reservations and target port groups.
#include "initiator/scsi/persistent_reserve_in.hpp"
#include "initiator/scsi/target_port_groups.hpp"
#include "initiator/scsi/transport_id.hpp"
#include "tests/unit/initiator/scsi/four_ways.hpp"

#include <gmock/gmock.h>

namespace persiscsi::scsi {
namespace {

using test::feed_four_ways;
using test::from_hex;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(read_keys, lists_the_keys_that_were_received) {
    const auto reply = from_hex("00000007 00000010 0102030405060708 1112131415161718");
    feed_four_ways(parse_read_keys, reply);
    const auto keys = parse_read_keys(reply).value;
    EXPECT_EQ(keys.generation, 7U);
    EXPECT_THAT(keys.keys, ElementsAre(reservation_key{0x0102030405060708}, reservation_key{0x1112131415161718}));
    EXPECT_EQ(keys.whole_size, 24U);
    EXPECT_THAT(parse_read_keys(from_hex("00000007 00000000")).value.keys, IsEmpty());
    const auto cut = parse_read_keys(from_hex("00000007 000000f0 0102030405060708 11")).value;
    EXPECT_EQ(cut.keys.size(), 1U);
    EXPECT_EQ(cut.whole_size, 248U);
    EXPECT_EQ(parse_read_keys(from_hex("00000007 00000009 00")).detail,
              "READ KEYS: a list of 9 bytes, not a multiple of 8");
}

TEST(read_reservation, tells_holder_and_type_or_that_there_is_none) {
    const auto reply = from_hex("00000007 00000010 0102030405060708 00000000 00 15 0000");
    feed_four_ways(parse_read_reservation, reply);
    const auto found = parse_read_reservation(reply).value;
    EXPECT_EQ(found.generation, 7U);
    EXPECT_EQ(
        found.held,
        (reservation{reservation_key{0x0102030405060708}, reservation_type::write_exclusive_registrants_only, 1}));
    EXPECT_EQ(parse_read_reservation(from_hex("00000007 00000000")).value.held, std::nullopt);
}

TEST(read_reservation, that_is_cut_off_does_not_look_like_none) {
    const auto reply = from_hex("00000007 00000010 0102030405060708 00000000 00 15 0000");
    for (std::size_t size = 8; size < reply.size(); ++size)
        EXPECT_EQ(parse_read_reservation(std::span(reply).first(size)).error, scsi_errc::malformed_reply) << size;
    EXPECT_EQ(parse_read_reservation(from_hex("00000007 0000000f 0102030405060708 00000000 00 15 0000")).detail,
              "READ RESERVATION: a reservation of 15 bytes, at least 16");
}

TEST(report_capabilities, has_a_bit_per_ability_and_a_mask_of_types) {
    const auto reply = from_hex("0008 9d c1 ea 01 0000");
    feed_four_ways(parse_report_capabilities, reply);
    const auto found = parse_report_capabilities(reply).value;
    EXPECT_TRUE(found.replace_lost_reservation && found.compatible_reservations && found.specify_initiator_ports);
    EXPECT_TRUE(found.all_target_ports && found.persist_through_power_loss && found.persists_through_power_loss);
    EXPECT_EQ(found.allow_commands, 4);
    using enum reservation_type;
    EXPECT_THAT(*found.types,
                ElementsAre(write_exclusive,
                            exclusive_access,
                            write_exclusive_registrants_only,
                            exclusive_access_registrants_only,
                            write_exclusive_all_registrants,
                            exclusive_access_all_registrants));
    EXPECT_EQ(parse_report_capabilities(from_hex("0008 00 00 ea 01 0000")).value, reserve_capabilities{})
        << "the mask is not valid";
    EXPECT_THAT(*parse_report_capabilities(from_hex("0008 00 80 02 00 0000")).value.types,
                ElementsAre(write_exclusive));
}

TEST(read_full_status, names_every_registrant) {
    const std::string first = "0102030405060708 00000000 03 07 00000000 0002 00000018";
    const std::string id = "05 00 0014 69716e2e61 000000000000000000000000000000";
    const std::string second = "1112131415161718 00000000 00 00 00000000 0003 00000000";
    auto reply = from_hex("00000007 00000048" + first + id + second);
    feed_four_ways(parse_read_full_status, reply);
    const auto found = parse_read_full_status(reply).value;
    ASSERT_EQ(found.registrants.size(), 2U);
    const auto& one = found.registrants[0];
    EXPECT_EQ(one.key, reservation_key{0x0102030405060708});
    EXPECT_TRUE(one.holds_reservation && one.all_target_ports);
    EXPECT_EQ(one.type, reservation_type::write_exclusive_all_registrants);
    EXPECT_EQ(one.relative_target_port, 2);
    EXPECT_EQ(parse_transport_id(one.transport_id).value, (iscsi_transport_id{.name = "iqn.a"}));
    EXPECT_EQ(found.registrants[1].relative_target_port, 3);
    EXPECT_THAT(found.registrants[1].transport_id, IsEmpty());
    EXPECT_EQ(parse_read_full_status(std::span(reply).first(60)).value.registrants.size(), 1U);
    reply[7] = std::byte{0x20};
    EXPECT_EQ(parse_read_full_status(reply).detail, "READ FULL STATUS: a TransportID of 24 bytes with 32 left");
    reply[28] = std::byte{0xff};
    EXPECT_EQ(parse_read_full_status(reply).error, scsi_errc::malformed_reply);
}

TEST(transport_id, of_another_protocol_or_without_its_parts_is_malformed) {
    feed_four_ways(parse_transport_id, encode_transport_id({.name = "iqn.a"}));
    feed_four_ways(parse_transport_id, encode_transport_id({.name = "iqn.a", .isid = 0x800000001234}));
    const auto detail = [](const char* bytes) { return parse_transport_id(from_hex(bytes)).detail; };
    EXPECT_EQ(detail("06 00 0004 61620000"), "TransportID: protocol 6, not iSCSI (5)");
    EXPECT_EQ(detail("05 00 0004 61626364"), "TransportID: a name without end");
    EXPECT_EQ(detail("05 00 0004 00000000"), "TransportID: a name without letters");
    EXPECT_EQ(detail("05 00 0004 616200"), "TransportID: 7 bytes, at least 8");
    EXPECT_EQ(detail("45 00 0004 61620000"), "TransportID: no ISID behind the name");
    EXPECT_EQ(detail("45 00 0014 61 2c692c3078 3830303030303030313233 00 000000"),
              "TransportID: no ISID behind the name");
    EXPECT_EQ(detail("85 00 0004 61620000"), "TransportID: no ISID behind the name");
}

TEST(target_port_groups_reply, has_states_and_ports) {
    const auto reply = from_hex("00000018 80 8f 0001 00 02 00 02 0000 0001 0000 0002 02 0f 0102 00 00 00 00");
    feed_four_ways(parse_target_port_groups, reply);
    EXPECT_THAT(
        parse_target_port_groups(reply).value,
        ElementsAre(target_port_group{.number = 1,
                                      .state = access_state::active_optimized,
                                      .preferred = true,
                                      .supported_states = 0x8f,
                                      .status_code = 2,
                                      .ports = {1, 2}},
                    target_port_group{.number = 0x102, .state = access_state::standby, .supported_states = 0x0f}));
    EXPECT_EQ(parse_target_port_groups(from_hex("0000000c 00 8f 0001 00 02 00 02 0000 0001")).detail,
              "REPORT TARGET PORT GROUPS: a group of 2 ports with 12 bytes left");
}

TEST(target_port_groups_reply, of_the_extended_header_has_the_same_groups) {
    const auto reply = from_hex("00000010 10 3c 0000 0f 8f 0001 00 02 00 01 0000 0001");
    feed_four_ways(parse_target_port_groups, reply);
    const auto groups = parse_target_port_groups(reply).value;
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].state, access_state::transitioning);
    EXPECT_EQ(to_string(groups[0].state), "transitioning");
    EXPECT_EQ(to_string(static_cast<access_state>(7)), "reserved");
}

}  // namespace
}  // namespace persiscsi::scsi
