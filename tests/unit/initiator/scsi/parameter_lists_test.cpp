// SPDX-License-Identifier: Apache-2.0
// The lists that commands send.
#include "initiator/scsi/extended_copy.hpp"
#include "initiator/scsi/log_pages.hpp"
#include "initiator/scsi/medium_control.hpp"
#include "initiator/scsi/mode_pages.hpp"
#include "initiator/scsi/persistent_reserve_out.hpp"
#include "initiator/scsi/target_port_groups.hpp"
#include "initiator/scsi/transport_id.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

constexpr reservation_key ours{0x0102030405060708};
constexpr reservation_key theirs{0x1112131415161718};

TEST(parameter_lists, of_persistent_reserve_out_has_both_keys_and_the_bits) {
    EXPECT_EQ(reserve_parameter_list({.key = ours, .service_action = theirs}),
              from_hex("0102030405060708 1112131415161718 00000000 00 00 0000"));
    EXPECT_EQ(reserve_parameter_list({.key = ours, .all_target_ports = true, .persist = true}),
              from_hex("0102030405060708 0000000000000000 00000000 05 00 0000"));
}

TEST(parameter_lists, of_persistent_reserve_out_names_other_initiators) {
    const std::vector<std::byte> others[] = {encode_transport_id({.name = "iqn.a"}),
                                             encode_transport_id({.name = "iqn.b", .isid = 0x800000001234})};
    EXPECT_EQ(reserve_parameter_list({.service_action = ours}, others),
              from_hex("0000000000000000 0102030405060708 00000000 08 00 0000 0000 0034"
                       "05 00 0014 69716e2e61 000000000000000000000000000000"
                       "45 00 0018 69716e2e62 2c692c3078 383030303030303031323334 0000"));
}

TEST(parameter_lists, of_register_and_move_names_the_new_holder) {
    EXPECT_EQ(
        reserve_move_list(
            {.key = ours, .service_action = theirs, .unregister = true, .persist = true, .relative_target_port = 2},
            encode_transport_id({.name = "iqn.a"})),
        from_hex("0102030405060708 1112131415161718 00 03 0002 00000018"
                 "05 00 0014 69716e2e61 000000000000000000000000000000"));
}

TEST(parameter_lists, transport_ids_are_padded_and_long_enough) {
    for (const std::size_t size : {1U, 19U, 20U, 23U, 24U, 223U}) {
        const iscsi_transport_id port{.name = std::string(size, 'x')};
        const auto bytes = encode_transport_id(port);
        EXPECT_EQ(bytes.size() % 4, 0U) << size;
        EXPECT_GE(bytes.size(), 24U) << size;
        EXPECT_GT(bytes.size(), 4 + size) << "a NUL ends the name";
        EXPECT_EQ(parse_transport_id(bytes).value, port);
    }
    const iscsi_transport_id with_isid{.name = "iqn.2026-11.org.persiscsi:host", .isid = 0xffffffffffff};
    EXPECT_EQ(parse_transport_id(encode_transport_id(with_isid)).value, with_isid);
}

TEST(parameter_lists, of_set_target_port_groups_has_a_descriptor_per_group) {
    const wanted_state wanted[] = {{1, access_state::active_optimized}, {0x0102, access_state::standby}};
    EXPECT_EQ(target_port_groups_list(wanted), from_hex("00000000 00 00 0001 02 00 0102"));
}

TEST(parameter_lists, of_mode_select_has_header_descriptors_and_pages) {
    const mode_data what{.device_specific = 0x10,
                         .block_descriptors = from_hex("0000 2000 0000 0200"),
                         .pages = {{.page = 0x08, .parameters = from_hex("04 00")},
                                   {.page = 0x0a, .subpage = 1, .parameters = from_hex("aa bb cc")}}};
    EXPECT_EQ(mode_parameter_list_6(what), from_hex("00 00 10 08 0000 2000 0000 0200 08 02 04 00 4a 01 0003 aa bb cc"));
    auto long_one = what;
    long_one.long_lba = true;
    EXPECT_EQ(mode_parameter_list_10(long_one),
              from_hex("0000 00 10 01 00 0008 0000 2000 0000 0200 08 02 04 00 4a 01 0003 aa bb cc"));
}

TEST(parameter_lists, of_log_select_is_one_page) {
    const log_parameter parameters[] = {{.code = 0x0102, .control = 0x40, .value = from_hex("aa bb")}, {.code = 3}};
    EXPECT_EQ(log_parameter_list(0x02, 0, parameters), from_hex("02 00 000a 0102 40 02 aa bb 0003 00 00"));
    EXPECT_EQ(log_parameter_list(0x19, 0x20, {}), from_hex("59 20 0000"));
}

TEST(parameter_lists, of_sanitize_is_a_count_and_a_pattern) {
    EXPECT_EQ(sanitize_overwrite_list(3, from_hex("aa 55"), true), from_hex("83 00 0002 aa 55"));
    EXPECT_EQ(sanitize_overwrite_list(31, from_hex("00")), from_hex("1f 00 0001 00"));
}

TEST(parameter_lists, of_format_unit_is_a_header) {
    EXPECT_EQ(format_parameter_list({.immediate = true}, false), from_hex("00 02 0000"));
    EXPECT_EQ(format_parameter_list({.protection_field_usage = 1, .protection_interval_exponent = 3}, true),
              from_hex("01 00 00 03 00000000"));
}

TEST(parameter_lists, of_extended_copy_names_devices_and_segments) {
    const designator source{
        .type = designator_type::naa, .coded = code_set::binary, .bytes = from_hex("6001405a00000001")};
    auto other = source;
    other.bytes.back() = std::byte{2};
    const copy_list what{.identifier = 0x55,
                         .priority = 3,
                         .devices = {{.name = source, .block_size = 512}, {.name = other, .block_size = 4096}},
                         .segments = {{.source = 0,
                                       .destination = 1,
                                       .blocks = 0x0708,
                                       .count_destination = true,
                                       .from = lba{0x0102030405060708},
                                       .to = lba{0x1112131415161718}}}};
    EXPECT_EQ(copy_parameter_list(what),
              from_hex("55 03 0040 00000000 0000001c 00000000"
                       "e4 00 0000 01 03 00 08 6001405a00000001 000000000000000000000000 00 000200"
                       "e4 00 0000 01 03 00 08 6001405a00000002 000000000000000000000000 00 001000"
                       "02 02 0018 0000 0001 0000 0708 0102030405060708 1112131415161718"));
    EXPECT_EQ(copy_parameter_list({}), from_hex("00 00 0000 00000000 00000000 00000000"));
}

}  // namespace
}  // namespace persiscsi::scsi
