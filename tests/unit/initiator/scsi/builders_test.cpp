// SPDX-License-Identifier: Apache-2.0
// Every builder of a CDB, byte by byte, and every row of the command table by at least one of them.
#include "initiator/scsi/block_access.hpp"
#include "initiator/scsi/cdb_32.hpp"
#include "initiator/scsi/command_table.hpp"
#include "initiator/scsi/copy_results.hpp"
#include "initiator/scsi/defect_data.hpp"
#include "initiator/scsi/diagnostic.hpp"
#include "initiator/scsi/extended_copy.hpp"
#include "initiator/scsi/lba_status.hpp"
#include "initiator/scsi/log_pages.hpp"
#include "initiator/scsi/medium_control.hpp"
#include "initiator/scsi/mode_pages.hpp"
#include "initiator/scsi/persistent_reserve_in.hpp"
#include "initiator/scsi/persistent_reserve_out.hpp"
#include "initiator/scsi/supported_operations.hpp"
#include "initiator/scsi/target_port_groups.hpp"
#include "initiator/scsi/toc.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace persiscsi::scsi {
namespace {

using test::from_hex;

constexpr lba far_away{0x123456789abcdef0};
constexpr lba near{0x12345678};
constexpr block_count some{0x9abc};
constexpr block_count many{0x11223344};
constexpr access every_bit{.protect = 5, .dpo = true, .fua = true, .group = 0x2a};
constexpr access no_fua{.protect = 5, .dpo = true, .group = 0x2a};
constexpr auto cleared = reservation_type{};

/// What is sent of a CDB; what is behind it must be zero (RFC 7143 §11.3.5).
test::bytes bytes_of(const cdb& command) {
    EXPECT_TRUE(std::all_of(
        command.bytes.begin() + command.size, command.bytes.end(), [](std::byte b) { return b == std::byte{0}; }));
    return {command.bytes.begin(), command.bytes.begin() + command.size};
}
test::bytes bytes_of(const cdb_32& command) {
    return {command.bytes.begin(), command.bytes.end()};
}

struct example {
    const char* command;  ///< of the table
    test::bytes built;
    const char* bytes;
};

template <class Cdb>
example row(const char* command, const Cdb& built, const char* bytes) {
    return {command, bytes_of(built), bytes};
}

std::vector<example> examples_of_the_disk() {
    return {
        row("TEST UNIT READY", test_unit_ready(), "00 00 00 00 00 00"),
        row("REQUEST SENSE", request_sense(252), "03 00 00 00 fc 00"),
        row("INQUIRY", inquiry_vpd(0x83, 0x1234), "12 01 83 12 34 00"),
        row("REPORT LUNS", report_luns(0x12345678), "a0 00 00 00 00 00 12 34 56 78 00 00"),
        row("READ CAPACITY (10)", read_capacity_10(), "25 00 00 00 00 00 00 00 00 00"),
        row("READ CAPACITY (16)", read_capacity_16(32), "9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00"),
        row("READ (6)", read_6(lba{0x1abcde}, block_count{0x12}), "08 1a bc de 12 00"),
        row("READ (6)", read_6(lba{0x1fffff}, block_count{256}), "08 1f ff ff 00 00"),
        row("READ (10)", read_10(near, some, every_bit), "28 b8 12 34 56 78 2a 9a bc 00"),
        row("READ (12)", read_12(near, many, every_bit), "a8 b8 12 34 56 78 11 22 33 44 2a 00"),
        row("READ (16)", read_16(far_away, many, every_bit), "88 b8 12 34 56 78 9a bc de f0 11 22 33 44 2a 00"),
        row("WRITE (6)", write_6(lba{0x1abcde}, block_count{1}), "0a 1a bc de 01 00"),
        row("WRITE (10)", write_10(near, some, every_bit), "2a b8 12 34 56 78 2a 9a bc 00"),
        row("WRITE (12)", write_12(near, many, {.fua = true}), "aa 08 12 34 56 78 11 22 33 44 00 00"),
        row("WRITE (16)", write_16(far_away, many, {.dpo = true}), "8a 10 12 34 56 78 9a bc de f0 11 22 33 44 00 00"),
        row("WRITE ATOMIC (16)",
            write_atomic_16(far_away, some, 0x1122, every_bit),
            "9c b8 12 34 56 78 9a bc de f0 11 22 9a bc 2a 00"),
        row("ORWRITE (16)", orwrite_16(far_away, many, every_bit), "8b b8 12 34 56 78 9a bc de f0 11 22 33 44 2a 00"),
        row("COMPARE AND WRITE",
            compare_and_write(far_away, block_count{0xfe}, every_bit),
            "89 b8 12 34 56 78 9a bc de f0 00 00 00 fe 2a 00"),
        row("XDWRITEREAD (10)", xdwriteread_10(near, some, every_bit), "53 b8 12 34 56 78 2a 9a bc 00"),
        row("XDWRITEREAD (10)", xdwriteread_10(near, some, {}, false), "53 04 12 34 56 78 00 9a bc 00"),
        row("VERIFY (10)", verify_10(near, some, byte_check::blocks, no_fua), "2f b2 12 34 56 78 2a 9a bc 00"),
        row("VERIFY (10)", verify_10(near, some, byte_check::none), "2f 00 12 34 56 78 00 9a bc 00"),
        row("VERIFY (12)", verify_12(near, many, byte_check::one_block, no_fua), "af b6 12 34 56 78 11 22 33 44 2a 00"),
        row("VERIFY (16)",
            verify_16(far_away, many, byte_check::one_block),
            "8f 06 12 34 56 78 9a bc de f0 11 22 33 44 00 00"),
        row("WRITE AND VERIFY (10)",
            write_and_verify_10(near, some, byte_check::none, no_fua),
            "2e b0 12 34 56 78 2a 9a bc 00"),
        row("WRITE AND VERIFY (12)",
            write_and_verify_12(near, many, byte_check::blocks),
            "ae 02 12 34 56 78 11 22 33 44 00 00"),
        row("WRITE AND VERIFY (16)",
            write_and_verify_16(far_away, many, byte_check::blocks, no_fua),
            "8e b2 12 34 56 78 9a bc de f0 11 22 33 44 2a 00"),
        row("WRITE SAME (10)",
            write_same_10(near, some, {.protect = 1, .unmap = true, .anchor = true, .group = 3}),
            "41 38 12 34 56 78 03 9a bc 00"),
        row("WRITE SAME (16)",
            write_same_16(far_away, many, {.unmap = true, .no_data_out = true, .group = 3}),
            "93 09 12 34 56 78 9a bc de f0 11 22 33 44 03 00"),
        row("PRE-FETCH (10)", pre_fetch_10(near, some, true), "34 02 12 34 56 78 00 9a bc 00"),
        row("PRE-FETCH (16)", pre_fetch_16(far_away, many), "90 00 12 34 56 78 9a bc de f0 11 22 33 44 00 00"),
        row("SYNCHRONIZE CACHE (10)", synchronize_cache_10(near, some, true), "35 02 12 34 56 78 00 9a bc 00"),
        row("SYNCHRONIZE CACHE (16)",
            synchronize_cache_16(far_away, many, true),
            "91 02 12 34 56 78 9a bc de f0 11 22 33 44 00 00"),
        row("UNMAP", unmap(24, true), "42 01 00 00 00 00 00 00 18 00"),
        row("GET LBA STATUS (16)",
            get_lba_status(far_away, 0x11223344),
            "9e 12 12 34 56 78 9a bc de f0 11 22 33 44 00 00"),
    };
}

constexpr block_tags tags{.reference = 0xa1a2a3a4, .application = 0xb1b2, .application_mask = 0xc1c2};

std::vector<example> examples_of_32_bytes() {
    return {
        row("READ (32)",
            read_32(far_away, many, every_bit, tags),
            "7f 00 00 00 00 00 2a 18 00 09 b8 00 12 34 56 78 9a bc de f0 a1 a2 a3 a4 b1 b2 c1 c2 11 22 33 44"),
        row("WRITE (32)",
            write_32(far_away, many, every_bit, tags),
            "7f 00 00 00 00 00 2a 18 00 0b b8 00 12 34 56 78 9a bc de f0 a1 a2 a3 a4 b1 b2 c1 c2 11 22 33 44"),
        row("VERIFY (32)",
            verify_32(far_away, many, byte_check::one_block, no_fua, tags),
            "7f 00 00 00 00 00 2a 18 00 0a b6 00 12 34 56 78 9a bc de f0 a1 a2 a3 a4 b1 b2 c1 c2 11 22 33 44"),
        row("WRITE AND VERIFY (32)",
            write_and_verify_32(far_away, many, byte_check::blocks),
            "7f 00 00 00 00 00 00 18 00 0c 02 00 12 34 56 78 9a bc de f0 00 00 00 00 00 00 00 00 11 22 33 44"),
        row("WRITE SAME (32)",
            write_same_32(far_away,
                          many,
                          {.protect = 5, .unmap = true, .anchor = true, .no_data_out = true, .group = 0x2a},
                          tags),
            "7f 00 00 00 00 00 2a 18 00 0d b9 00 12 34 56 78 9a bc de f0 a1 a2 a3 a4 b1 b2 c1 c2 11 22 33 44"),
        row("XDWRITEREAD (32)",
            xdwriteread_32(far_away, many, every_bit, false),
            "7f 00 00 00 00 00 2a 18 00 07 bc 00 12 34 56 78 9a bc de f0 00 00 00 00 00 00 00 00 11 22 33 44"),
    };
}

std::vector<example> examples_of_the_medium() {
    return {
        row("START STOP UNIT", start_stop_unit({}), "1b 00 00 00 01 00"),
        row("START STOP UNIT",
            start_stop_unit({.start = false,
                             .load_or_eject = true,
                             .no_flush = true,
                             .immediate = true,
                             .power = power_condition::force_standby,
                             .power_modifier = 9}),
            "1b 01 00 09 b6 00"),
        row("PREVENT ALLOW MEDIUM REMOVAL", prevent_allow_medium_removal(true), "1e 00 00 00 01 00"),
        row("PREVENT ALLOW MEDIUM REMOVAL", prevent_allow_medium_removal(false), "1e 00 00 00 00 00"),
        row("SANITIZE, OVERWRITE",
            sanitize(sanitize_action::overwrite, 0x1234, {.unrestricted_exit = true, .zoned_no_reset = true}),
            "48 e1 00 00 00 00 00 12 34 00"),
        row("SANITIZE, BLOCK ERASE",
            sanitize(sanitize_action::block_erase, 0, {.immediate = false}),
            "48 02 00 00 00 00 00 00 00 00"),
        row("SANITIZE, CRYPTOGRAPHIC ERASE",
            sanitize(sanitize_action::cryptographic_erase),
            "48 83 00 00 00 00 00 00 00 00"),
        row("SANITIZE, EXIT FAILURE MODE",
            sanitize(sanitize_action::exit_failure_mode),
            "48 9f 00 00 00 00 00 00 00 00"),
        row("FORMAT UNIT", format_unit(), "04 00 00 00 00 00"),
        row("FORMAT UNIT",
            format_unit({.protection_information = 2,
                         .with_parameters = true,
                         .long_list = true,
                         .complete_list = true,
                         .defect_list_format = 5}),
            "04 bd 00 00 00 00"),
        row("READ DEFECT DATA (10)",
            read_defect_data_10({}, defect_format::physical_sector, 0x1234),
            "37 00 1d 00 00 00 00 12 34 00"),
        row("READ DEFECT DATA (12)",
            read_defect_data_12({.grown = false}, defect_format::long_block, 0x01020304, 0x11223344),
            "b7 13 01 02 03 04 11 22 33 44 00 00"),
        row("READ TOC/PMA/ATIP", read_toc(toc_format::sessions, 7, 0x1234, true), "43 02 01 00 00 00 07 12 34 00"),
    };
}

std::vector<example> examples_of_parameters() {
    return {
        row("MODE SENSE (6)", mode_sense_6(mode_page::caching, 192), "1a 08 08 00 c0 00"),
        row("MODE SENSE (6)",
            mode_sense_6({.page = 0x0a, .subpage = 1, .values = page_control::saved, .block_descriptors = true}, 255),
            "1a 00 ca 01 ff 00"),
        row("MODE SENSE (10)", mode_sense_10(mode_page::all, 0x1234), "5a 08 3f 00 00 00 00 12 34 00"),
        row("MODE SENSE (10)",
            mode_sense_10({.values = page_control::changeable, .long_lba = true}, 0x1234),
            "5a 18 7f 00 00 00 00 12 34 00"),
        row("MODE SELECT (6)", mode_select_6(24, true), "15 11 00 00 18 00"),
        row("MODE SELECT (10)", mode_select_10(0x1234, false), "55 10 00 00 00 00 00 12 34 00"),
        row("LOG SENSE",
            log_sense({.page = 0x2f, .subpage = 3, .first_parameter = 0x0405, .save = true}, 0x1234),
            "4d 01 6f 03 00 04 05 12 34 00"),
        row("LOG SENSE", log_sense({.values = log_values::preset_cumulative}, 4), "4d 00 c0 00 00 00 00 00 04 00"),
        row("LOG SELECT",
            log_select({.page = 2, .subpage = 9, .reset = true, .save = true}, 0),
            "4c 03 42 09 00 00 00 00 00 00"),
        row("RECEIVE DIAGNOSTIC RESULTS", receive_diagnostic_results(0x40, 0x1234), "1c 01 40 12 34 00"),
        row("SEND DIAGNOSTIC",
            send_diagnostic({.test = self_test::foreground_extended, .device_offline = true, .unit_offline = true}, 0),
            "1d c3 00 00 00 00"),
        row("SEND DIAGNOSTIC", send_diagnostic({.default_test = true}, 0), "1d 04 00 00 00 00"),
        row("SEND DIAGNOSTIC", send_diagnostic({.page_format = true}, 0x1234), "1d 10 00 12 34 00"),
        row("READ BUFFER (10)",
            read_buffer(buffer_mode::descriptor, 9, 0x010203, 0x111213),
            "3c 03 09 01 02 03 11 12 13 00"),
        row("WRITE BUFFER", write_buffer(buffer_mode::echo, 0, 0, 0x111213), "3b 0a 00 00 00 00 11 12 13 00"),
        row("REPORT SUPPORTED OPERATION CODES",
            report_supported_operations(0x11223344, true),
            "a3 0c 80 00 00 00 11 22 33 44 00 00"),
        row("REPORT SUPPORTED OPERATION CODES",
            report_supported_operation(0x28, std::nullopt, 64),
            "a3 0c 01 28 00 00 00 00 00 40 00 00"),
        row("REPORT SUPPORTED OPERATION CODES",
            report_supported_operation(0x7f, 0x0009, 64, true),
            "a3 0c 82 7f 00 09 00 00 00 40 00 00"),
        row("REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
            report_supported_task_management(16),
            "a3 0d 00 00 00 00 00 00 00 10 00 00"),
    };
}

std::vector<example> examples_of_sharing() {
    using enum reserve_in_action;
    using enum reserve_out_action;
    const auto type = reservation_type::exclusive_access_all_registrants;
    const auto out = [&](reserve_out_action action) { return persistent_reserve_out(action, type, 0x01020304); };
    return {
        row("RESERVE (6)", reserve_6(), "16 00 00 00 00 00"),
        row("RELEASE (6)", release_6(), "17 00 00 00 00 00"),
        row("PERSISTENT RESERVE IN, READ KEYS",
            persistent_reserve_in(read_keys, 0x1234),
            "5e 00 00 00 00 00 00 12 34 00"),
        row("PERSISTENT RESERVE IN, READ RESERVATION",
            persistent_reserve_in(read_reservation, 24),
            "5e 01 00 00 00 00 00 00 18 00"),
        row("PERSISTENT RESERVE IN, REPORT CAPABILITIES",
            persistent_reserve_in(report_capabilities, 8),
            "5e 02 00 00 00 00 00 00 08 00"),
        row("PERSISTENT RESERVE IN, READ FULL STATUS",
            persistent_reserve_in(read_full_status, 255),
            "5e 03 00 00 00 00 00 00 ff 00"),
        row("PERSISTENT RESERVE OUT, REGISTER",
            persistent_reserve_out(register_key, cleared, 24),
            "5f 00 00 00 00 00 00 00 18 00"),
        row("PERSISTENT RESERVE OUT, RESERVE", out(reserve), "5f 01 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, RELEASE", out(release), "5f 02 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, CLEAR", out(clear), "5f 03 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, PREEMPT", out(preempt), "5f 04 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, PREEMPT AND ABORT", out(preempt_and_abort), "5f 05 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, REGISTER AND IGNORE EXISTING KEY",
            out(register_and_ignore_existing_key),
            "5f 06 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, REGISTER AND MOVE", out(register_and_move), "5f 07 08 00 00 01 02 03 04 00"),
        row("PERSISTENT RESERVE OUT, REPLACE LOST RESERVATION",
            out(replace_lost_reservation),
            "5f 08 08 00 00 01 02 03 04 00"),
        row("REPORT TARGET PORT GROUPS", report_target_port_groups(0x11223344), "a3 0a 00 00 00 00 11 22 33 44 00 00"),
        row("REPORT TARGET PORT GROUPS", report_target_port_groups(64, true), "a3 2a 00 00 00 00 00 00 00 40 00 00"),
        row("SET TARGET PORT GROUPS", set_target_port_groups(0x11223344), "a4 0a 00 00 00 00 11 22 33 44 00 00"),
        row("EXTENDED COPY (LID1)", extended_copy(0x11223344), "83 00 00 00 00 00 00 00 00 00 11 22 33 44 00 00"),
        row("RECEIVE COPY RESULTS, COPY STATUS",
            receive_copy_results(copy_results_action::copy_status, 7, 12),
            "84 00 07 00 00 00 00 00 00 00 00 00 00 0c 00 00"),
        row("RECEIVE COPY RESULTS, RECEIVE DATA",
            receive_copy_results(copy_results_action::received_data, 7, 12),
            "84 01 07 00 00 00 00 00 00 00 00 00 00 0c 00 00"),
        row("RECEIVE COPY RESULTS, OPERATING PARAMETERS",
            receive_copy_results(copy_results_action::operating_parameters, 0, 0x11223344),
            "84 03 00 00 00 00 00 00 00 00 11 22 33 44 00 00"),
        row("RECEIVE COPY RESULTS, FAILED SEGMENT DETAILS",
            receive_copy_results(copy_results_action::failed_segment_details, 7, 60),
            "84 04 07 00 00 00 00 00 00 00 00 00 00 3c 00 00"),
    };
}

std::vector<example> all_examples() {
    std::vector<example> all;
    for (const auto& part : {examples_of_the_disk(),
                             examples_of_32_bytes(),
                             examples_of_the_medium(),
                             examples_of_parameters(),
                             examples_of_sharing()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

TEST(builders, every_one_writes_the_bytes_of_its_command) {
    for (const auto& [command, built, bytes] : all_examples()) EXPECT_EQ(built, from_hex(bytes)) << command;
}

TEST(builders, every_command_of_the_table_is_built_and_found_by_its_bytes) {
    std::map<std::string_view, unsigned> built;
    for (const auto& one : all_examples()) {
        const auto* found = find_command(one.built);
        ASSERT_NE(found, nullptr) << one.command;
        EXPECT_EQ(found->name, one.command);
        ++built[found->name];
    }
    for (const auto& command : commands()) EXPECT_GE(built[command.name], 1U) << command.name;
    EXPECT_GE(commands().size(), 80U);
}

TEST(builders, a_cdb_of_32_bytes_parts_after_its_16th) {
    const auto whole = read_32(far_away, many);
    const auto first = whole.first();
    EXPECT_TRUE(std::equal(first.begin(), first.end(), whole.bytes.begin()));
    EXPECT_TRUE(std::equal(whole.rest().begin(), whole.rest().end(), whole.bytes.begin() + 16));
    EXPECT_EQ(whole.rest().size(), 16U);
}

TEST(command_table, unknown_commands_and_service_actions_are_not_found) {
    for (const char* bytes : {"", "d1 00 00 00 00 00", "9e 11", "7f 00 00 00 00 00 00 18 00 7f", "7f", "5e 1f", "9e"})
        EXPECT_EQ(find_command(from_hex(bytes)), nullptr) << bytes;
    EXPECT_EQ(find_command(from_hex("28"))->name, "READ (10)");
    EXPECT_EQ(code_of(*find_command(from_hex("28"))), "28h");
    EXPECT_EQ(code_of(*find_command(from_hex("9e 12"))), "9Eh/12h");
    EXPECT_EQ(code_of(*find_command(from_hex("7f 00 00 00 00 00 00 18 00 09"))), "7Fh/0009h");
}

}  // namespace
}  // namespace persiscsi::scsi
