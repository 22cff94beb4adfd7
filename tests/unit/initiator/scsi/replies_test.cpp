// SPDX-License-Identifier: Apache-2.0
// The replies of commands about capacity, provisioning, defects, logs, modes, diagnostics and what is supported.
#include "initiator/scsi/copy_results.hpp"
#include "initiator/scsi/defect_data.hpp"
#include "initiator/scsi/diagnostic.hpp"
#include "initiator/scsi/lba_status.hpp"
#include "initiator/scsi/log_pages.hpp"
#include "initiator/scsi/mode_pages.hpp"
#include "initiator/scsi/supported_operations.hpp"
#include "initiator/scsi/toc.hpp"
#include "initiator/scsi/vpd_more.hpp"
#include "pdu/endian.hpp"
#include "tests/unit/initiator/scsi/four_ways.hpp"

#include <gmock/gmock.h>

namespace persiscsi::scsi {
namespace {

using namespace std::chrono_literals;
using test::bytes;
using test::feed_four_ways;
using test::from_hex;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(lba_status_reply, has_the_ranges_one_behind_the_other) {
    const auto reply =
        from_hex("00000024 00000000 0000000000000010 00000020 01 000000 0000000000000030 ffffffff 02 000000");
    feed_four_ways(parse_lba_status, reply);
    EXPECT_THAT(parse_lba_status(reply).value,
                ElementsAre(lba_status{lba{0x10}, block_count{0x20}, provisioning_status::deallocated},
                            lba_status{lba{0x30}, block_count{0xffffffff}, provisioning_status::anchored}));
    EXPECT_THAT(parse_lba_status(from_hex("00000004 00000000")).value, IsEmpty());
    EXPECT_EQ(parse_lba_status(from_hex("00000024 00000000 0000000000000010 00000020 01 000000 00")).value.size(), 1U)
        << "cut within the second";
}

TEST(lba_status_reply, refuses_ranges_that_cannot_be) {
    EXPECT_EQ(parse_lba_status(from_hex("00000014 00000000 0000000000000010 00000000 00000000")).detail,
              "GET LBA STATUS: 0 blocks from 16");
    EXPECT_EQ(parse_lba_status(from_hex("00000014 00000000 ffffffffffffffff 00000001 00000000")).detail,
              "GET LBA STATUS: 1 blocks from 18446744073709551615");
    EXPECT_EQ(parse_lba_status(from_hex("00000024 00000000 0000000000000010 00000020 00000000"
                                        "0000000000000031 00000001 00000000"))
                  .detail,
              "GET LBA STATUS: 1 blocks from 49 behind a range that ends at 48");
}

TEST(defect_data_reply, has_places_of_the_size_of_its_format) {
    const auto short_blocks = from_hex("00 18 0008 00000001 00000102");
    feed_four_ways(parse_defect_data_10, short_blocks);
    const auto ten = parse_defect_data_10(short_blocks).value;
    EXPECT_TRUE(ten.lists.primary && ten.lists.grown);
    EXPECT_THAT(ten.places, ElementsAre(1U, 0x102U));
    EXPECT_EQ(ten.whole_size, 12U);
    const auto sectors = from_hex("00 0d 0000 00000010 0000010200000003 0000010200000004");
    feed_four_ways(parse_defect_data_12, sectors);
    const auto twelve = parse_defect_data_12(sectors).value;
    EXPECT_FALSE(twelve.lists.primary);
    EXPECT_EQ(twelve.format, defect_format::physical_sector);
    EXPECT_THAT(twelve.places, ElementsAre(0x10200000003U, 0x10200000004U));
}

TEST(defect_data_reply, of_a_strange_format_or_length_is_malformed) {
    EXPECT_EQ(parse_defect_data_10(from_hex("00 06 0000")).detail, "READ DEFECT DATA (10): defect list format 6");
    EXPECT_EQ(parse_defect_data_10(from_hex("00 00 0006 000000000000")).detail,
              "READ DEFECT DATA (10): a list of 6 bytes, not a multiple of 4");
    EXPECT_EQ(parse_defect_data_12(from_hex("00 03 0000 fffffff8")).value.whole_size, 0x100000000U);
}

TEST(log_page_reply, is_a_page_of_parameters) {
    const auto reply = from_hex("42 03 000b 0001 43 02 1234 0102 00 01 ff");
    feed_four_ways(parse_log_page, reply);
    feed_four_ways(parse_log_parameters, reply);
    const auto page = parse_log_page(reply).value;
    EXPECT_EQ(page.page, 2);
    EXPECT_EQ(page.subpage, 3);
    EXPECT_EQ(page.whole_size, 15U);
    EXPECT_THAT(parse_log_parameters(reply).value,
                ElementsAre(log_parameter{.code = 1, .control = 0x43, .value = from_hex("1234")},
                            log_parameter{.code = 0x0102, .value = from_hex("ff")}));
    EXPECT_EQ(parse_log_parameters(from_hex("02 00 000b 0001 43 02 1234 0102 00 01")).value.size(), 1U) << "cut";
    EXPECT_EQ(parse_log_parameters(from_hex("02 00 0005 0001 43 02 12")).detail,
              "LOG SENSE: a parameter of 2 bytes with 5 left");
}

TEST(log_page_reply, of_page_0_lists_the_pages) {
    const auto reply = from_hex("00 00 0003 00 02 4f");
    feed_four_ways(parse_supported_log_pages, reply);
    EXPECT_THAT(parse_supported_log_pages(reply).value, ElementsAre(0x00, 0x02, 0x0f));
    EXPECT_EQ(parse_supported_log_pages(from_hex("02 00 0000")).detail, "LOG SENSE: the reply is of page 2, not 0");
}

TEST(mode_data_reply, has_header_block_descriptors_and_pages) {
    const auto six = from_hex("16 00 90 08 0000 2000 0000 0200 88 02 04 00 4a 01 0003 aa bb cc");
    feed_four_ways(parse_mode_data_6, six);
    const auto parsed = parse_mode_data_6(six).value;
    EXPECT_EQ(parsed.device_specific, 0x90);
    EXPECT_EQ(parsed.block_descriptors, from_hex("0000 2000 0000 0200"));
    EXPECT_THAT(parsed.pages,
                ElementsAre(mode_page_data{.page = 8, .saveable = true, .parameters = from_hex("04 00")},
                            mode_page_data{.page = 0x0a, .subpage = 1, .parameters = from_hex("aa bb cc")}));
    const auto ten = from_hex("001a 00 90 01 00 0010 0000000000002000 00000000 00000200 08 02 04 00 ");
    feed_four_ways(parse_mode_data_10, ten);
    EXPECT_TRUE(parse_mode_data_10(ten).value.long_lba);
    EXPECT_EQ(parse_mode_data_10(ten).value.block_descriptors.size(), 16U);
}

TEST(mode_data_reply, that_does_not_hold_what_it_announces_is_malformed_unless_it_was_cut) {
    EXPECT_EQ(parse_mode_data_6(from_hex("07 00 00 08 00000000")).detail,
              "MODE SENSE (6): block descriptors of 8 bytes with 4 left");
    EXPECT_EQ(parse_mode_data_6(from_hex("06 00 00 00 08 02 04")).detail,
              "MODE SENSE (6): a page of 4 bytes with 3 left");
    const auto cut = parse_mode_data_6(from_hex("0b 00 00 00 0a 02 01 02 08 02 04"));
    EXPECT_FALSE(cut.error) << cut.detail;
    EXPECT_EQ(cut.value.pages.size(), 1U);
}

TEST(mode_data_reply, comes_back_from_a_parameter_list) {
    const mode_data what{.device_specific = 0x10,
                         .block_descriptors = from_hex("0000 2000 0000 0200"),
                         .pages = {{.page = 0x08, .parameters = from_hex("04 00")}}};
    auto list = mode_parameter_list_10(what);
    pdu::store_be<2>(list.data(), list.size() - 2);
    EXPECT_EQ(parse_mode_data_10(list).value, what);
}

TEST(supported_operations_reply, lists_commands_with_and_without_timeouts) {
    const auto reply = from_hex("0000001c 28 00 0000 00 00 000a 9e 00 0012 00 03 0010 000a 00 00 00000001 0000003c");
    feed_four_ways(parse_supported_operations, reply);
    EXPECT_THAT(parse_supported_operations(reply).value.list,
                ElementsAre(supported_operation{.operation_code = 0x28, .cdb_size = 10},
                            supported_operation{.operation_code = 0x9e,
                                                .service_action = 0x12,
                                                .cdb_size = 16,
                                                .timeouts = command_timeouts{1s, 60s}}));
    EXPECT_EQ(parse_supported_operations(from_hex("00000008 9e 00 0012 00 03 0010")).detail,
              "REPORT SUPPORTED OPERATION CODES: a descriptor of 20 bytes with 8 left");
    EXPECT_EQ(parse_supported_operations(from_hex("00000064 28 00 0000 00 00 000a 9e 00")).value.list.size(), 1U);
}

TEST(supported_operations_reply, of_one_command_has_its_usage) {
    const auto reply = from_hex("00 83 000a 28fa ffff ffff 1fff ff00 000a 00 00 00000001 0000003c");
    feed_four_ways(parse_supported_operation, reply);
    const auto usage = parse_supported_operation(reply).value;
    EXPECT_EQ(usage.support, operation_support::standard);
    EXPECT_EQ(usage.cdb_usage, from_hex("28fa ffff ffff 1fff ff00"));
    EXPECT_EQ(usage.timeouts, (command_timeouts{1s, 60s}));
    EXPECT_EQ(parse_supported_operation(from_hex("00 01 ffff")).value.support, operation_support::none);
    EXPECT_EQ(parse_supported_operation(from_hex("00 03 000a 28 00")).detail,
              "REPORT SUPPORTED OPERATION CODES: 6 bytes, at least 14");
}

TEST(supported_task_management_reply, has_a_bit_per_function) {
    feed_four_ways(parse_supported_task_management, from_hex("f8 07 00 00"));
    const auto all = parse_supported_task_management(from_hex("ff 07 00 00")).value;
    EXPECT_EQ(all, (supported_task_management{true, true, true, true, true, true, true, true, true}));
    const std::pair<const char*, bool supported_task_management::*> bits[] = {
        {"80 00 0000", &supported_task_management::abort_task},
        {"40 00 0000", &supported_task_management::abort_task_set},
        {"20 00 0000", &supported_task_management::clear_aca},
        {"10 00 0000", &supported_task_management::clear_task_set},
        {"08 00 0000", &supported_task_management::logical_unit_reset},
        {"04 00 0000", &supported_task_management::query_task},
        {"00 04 0000", &supported_task_management::query_asynchronous_event},
        {"00 02 0000", &supported_task_management::query_task_set},
        {"00 01 0000", &supported_task_management::i_t_nexus_reset}};
    for (const auto& [reply, member] : bits) {
        supported_task_management only;
        only.*member = true;
        EXPECT_EQ(parse_supported_task_management(from_hex(reply)).value, only) << reply;
    }
}

TEST(copy_results_reply, of_the_status_tells_how_far_it_is) {
    const auto reply = from_hex("00000008 81 0102 f1 00000200");
    feed_four_ways(parse_copy_status, reply);
    const auto status = parse_copy_status(reply).value;
    EXPECT_EQ(status.state, copy_state::completed);
    EXPECT_TRUE(status.held_data_discarded);
    EXPECT_EQ(status.segments_processed, 0x102);
    EXPECT_EQ(status.count_units, 0xf1);
    EXPECT_EQ(status.transferred, 0x200U);
    EXPECT_EQ(parse_copy_status(from_hex("00000008 03 0000 00 00000000")).detail,
              "copy status: state 3, known are 0 to 2");
}

TEST(copy_results_reply, of_the_operating_parameters_has_the_limits) {
    const auto reply = from_hex(
        "0000002a 01 000000 0102 0304 00000506 00000708 0000090a 00000b0c 00000000 0000 0d0e"
        "0f 10 11 12 000000 02 02 e4");
    feed_four_ways(parse_operating_parameters, reply);
    const copy_limits expected{.max_devices = 0x102,
                               .max_segments = 0x304,
                               .max_descriptor_list = 0x506,
                               .max_segment_length = 0x708,
                               .max_inline_data = 0x90a,
                               .held_data_limit = 0xb0c,
                               .total_concurrent_copies = 0xd0e,
                               .max_concurrent_copies = 0x0f,
                               .granularity_exponent = 0x10,
                               .descriptor_types = {0x02, 0xe4}};
    EXPECT_EQ(parse_operating_parameters(reply).value, expected);
}

TEST(copy_results_reply, of_failed_segments_has_sense_data) {
    bytes reply(60);
    reply[56] = std::byte{2};
    reply[59] = std::byte{18};
    persiscsi::test::append(reply, from_hex("70 00 0a 00 00 00 00 0a 00 00 00 00 26 08 00 00 00 00"));
    feed_four_ways(parse_failed_segment_details, reply);
    const auto failed = parse_failed_segment_details(reply).value;
    EXPECT_EQ(failed.status, 2);
    EXPECT_EQ(failed.sense, (sense_data{.key = sense_key::copy_aborted, .asc = 0x26, .ascq = 0x08}));
}

TEST(diagnostic_reply, is_a_page_or_a_descriptor_of_a_buffer) {
    const auto page = from_hex("40 07 0003 aa bb cc");
    feed_four_ways(parse_diagnostic_page, page);
    EXPECT_EQ(parse_diagnostic_page(page).value,
              (diagnostic_page{.page = 0x40, .specific = 7, .bytes = from_hex("aa bb cc"), .whole_size = 7}));
    EXPECT_EQ(parse_diagnostic_page(from_hex("40 07 0003 aa")).value.bytes.size(), 1U);
    feed_four_ways(parse_buffer_descriptor, from_hex("09 010203"));
    EXPECT_EQ(parse_buffer_descriptor(from_hex("09 010203")).value, (buffer_descriptor{9, 0x010203}));
    feed_four_ways(parse_echo_buffer_descriptor, from_hex("01 00 ffff"));
    EXPECT_EQ(parse_echo_buffer_descriptor(from_hex("01 00 ffff")).value, (echo_buffer_descriptor{false, 0x1fff}));
    EXPECT_TRUE(parse_echo_buffer_descriptor(from_hex("00 00 0000")).value.overwritten_by_others);
}

TEST(toc_reply, has_an_entry_per_track) {
    const auto reply = from_hex("0012 01 02 00 14 01 00 00000000 00 10 aa 00 00012345");
    feed_four_ways(parse_toc, reply);
    const auto toc = parse_toc(reply).value;
    EXPECT_EQ(toc.first, 1);
    EXPECT_EQ(toc.last, 2);
    EXPECT_THAT(toc.entries, ElementsAre(toc_entry{1, 4, 1, 0}, toc_entry{0xaa, 0, 1, 0x12345}));
    EXPECT_EQ(parse_toc(from_hex("0013 01 02")).detail, "READ TOC: data length 19, not 2 and a multiple of 8");
    EXPECT_EQ(parse_toc(from_hex("0000 01 02")).error, scsi_errc::malformed_reply);
}

TEST(vpd_more, extended_inquiry_bits_stand_for_themselves) {
    const auto reply = from_hex("00 86 003c 2d 05 0a 00 00 00 0102" + std::string(104, '0'));
    feed_four_ways(parse_extended_inquiry, reply);
    const extended_inquiry expected{.protection_types = 5,
                                    .checks_guard = true,
                                    .checks_reference_tag = true,
                                    .write_uncorrectable = true,
                                    .simple_tasks = true,
                                    .head_of_queue_tasks = true,
                                    .non_volatile_cache = true,
                                    .extended_self_test_minutes = 0x102};
    EXPECT_EQ(parse_extended_inquiry(reply).value, expected);
    const auto others = parse_extended_inquiry(from_hex("00 86 0008 02 02 01 00 00 00 0000")).value;
    EXPECT_EQ(others,
              (extended_inquiry{.checks_application_tag = true, .ordered_tasks = true, .volatile_cache = true}));
}

TEST(vpd_more, mode_page_policy_has_an_owner_per_page) {
    const auto reply = from_hex("00 87 0008 08 00 01 00 3f ff 83 00");
    feed_four_ways(parse_mode_page_policy, reply);
    EXPECT_THAT(parse_mode_page_policy(reply).value,
                ElementsAre(mode_page_policy{8, 0, mode_page_owner::per_target_port},
                            mode_page_policy{0x3f, 0xff, mode_page_owner::per_nexus}));
}

TEST(vpd_more, scsi_ports_have_their_names) {
    const auto reply = from_hex("00 88 0018 0000 0001 0000 0000 0000 0004 61 02 03 04 0000 0002 0000 0000 0000 0000");
    auto whole = reply;
    whole[3] = std::byte{static_cast<unsigned char>(whole.size() - 4)};
    feed_four_ways(parse_scsi_ports, whole);
    const auto ports = parse_scsi_ports(whole).value;
    ASSERT_EQ(ports.size(), 2U);
    EXPECT_EQ(ports[0].relative_port, 1);
    EXPECT_EQ(ports[0].target_designators, from_hex("61 02 03 04"));
    EXPECT_EQ(ports[1].relative_port, 2);
    EXPECT_EQ(parse_scsi_ports(from_hex("00 88 000c 0000 0001 0000 0000 0000 0004")).detail,
              "VPD page 88: a port of 16 bytes with 12 left");
}

TEST(vpd_more, block_device_characteristics_are_read_from_their_places) {
    const auto reply = from_hex("00 b1 003c 1c20 05 33 03" + std::string(110, '0'));
    feed_four_ways(parse_block_device_characteristics, reply);
    EXPECT_EQ(parse_block_device_characteristics(reply).value, (block_device_characteristics{7200, 5, 3, true, true}));
}

TEST(vpd_more, limits_of_atomic_writes_stand_behind_those_of_write_same) {
    const auto reply = from_hex("00 b0 003c 01 00 0000 00000000 00000000 00000007" + std::string(48, '0') +
                                "00000001 00000002 00000003 00000004 00000005");
    feed_four_ways(parse_block_limits, reply);
    const auto limits = parse_block_limits(reply).value;
    EXPECT_TRUE(limits.refuses_write_same_of_zero_blocks);
    EXPECT_EQ(limits.max_prefetch_length, 7U);
    EXPECT_EQ(limits.max_atomic_length, 1U);
    EXPECT_EQ(limits.atomic_alignment, 2U);
    EXPECT_EQ(limits.atomic_granularity, 3U);
    EXPECT_EQ(limits.max_atomic_length_with_boundary, 4U);
    EXPECT_EQ(limits.max_atomic_boundary, 5U);
}

}  // namespace
}  // namespace persiscsi::scsi
