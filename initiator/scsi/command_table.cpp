// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/command_table.hpp"

#include "initiator/scsi/reply.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <utility>

namespace persiscsi::scsi {
namespace {

using enum data_flow;

constexpr std::optional<std::uint16_t> no_action{};

// clang-format off
constexpr command_row rows[] = {
    {"TEST UNIT READY", 0x00, no_action, "SPC", none, "test_unit_ready", "cdb.hpp"},
    {"REQUEST SENSE", 0x03, no_action, "SPC", in, "request_sense", "cdb.hpp", "parse_sense"},
    {"FORMAT UNIT", 0x04, no_action, "SBC", out, "format_unit", "medium_control.hpp"},
    {"READ (6)", 0x08, no_action, "SBC", in, "read_6", "block_access.hpp"},
    {"WRITE (6)", 0x0a, no_action, "SBC", out, "write_6", "block_access.hpp"},
    {"INQUIRY", 0x12, no_action, "SPC", in, "inquiry, inquiry_vpd", "cdb.hpp", "parse_inquiry, and vpd.hpp, vpd_more.hpp"},
    {"MODE SELECT (6)", 0x15, no_action, "SPC", out, "mode_select_6", "mode_pages.hpp"},
    {"RESERVE (6)", 0x16, no_action, "SPC-2", none, "reserve_6", "cdb.hpp"},
    {"RELEASE (6)", 0x17, no_action, "SPC-2", none, "release_6", "cdb.hpp"},
    {"MODE SENSE (6)", 0x1a, no_action, "SPC", in, "mode_sense_6", "mode_pages.hpp", "parse_mode_data_6, parse_mode_sense_6"},
    {"START STOP UNIT", 0x1b, no_action, "SBC", none, "start_stop_unit", "medium_control.hpp"},
    {"RECEIVE DIAGNOSTIC RESULTS", 0x1c, no_action, "SPC", in, "receive_diagnostic_results", "diagnostic.hpp", "parse_diagnostic_page"},
    {"SEND DIAGNOSTIC", 0x1d, no_action, "SPC", out, "send_diagnostic", "diagnostic.hpp"},
    {"PREVENT ALLOW MEDIUM REMOVAL", 0x1e, no_action, "SBC", none, "prevent_allow_medium_removal", "medium_control.hpp"},
    {"READ CAPACITY (10)", 0x25, no_action, "SBC", in, "read_capacity_10", "cdb.hpp", "parse_capacity_10"},
    {"READ (10)", 0x28, no_action, "SBC", in, "read_10", "cdb.hpp"},
    {"WRITE (10)", 0x2a, no_action, "SBC", out, "write_10", "cdb.hpp"},
    {"WRITE AND VERIFY (10)", 0x2e, no_action, "SBC", out, "write_and_verify_10", "block_access.hpp"},
    {"VERIFY (10)", 0x2f, no_action, "SBC", out, "verify_10", "block_access.hpp"},
    {"PRE-FETCH (10)", 0x34, no_action, "SBC", none, "pre_fetch_10", "block_access.hpp"},
    {"SYNCHRONIZE CACHE (10)", 0x35, no_action, "SBC", none, "synchronize_cache_10", "cdb.hpp"},
    {"READ DEFECT DATA (10)", 0x37, no_action, "SBC", in, "read_defect_data_10", "defect_data.hpp", "parse_defect_data_10"},
    {"WRITE BUFFER", 0x3b, no_action, "SPC", out, "write_buffer", "diagnostic.hpp"},
    {"READ BUFFER (10)", 0x3c, no_action, "SPC", in, "read_buffer", "diagnostic.hpp", "parse_buffer_descriptor, parse_echo_buffer_descriptor"},
    {"WRITE SAME (10)", 0x41, no_action, "SBC", out, "write_same_10", "block_access.hpp"},
    {"UNMAP", 0x42, no_action, "SBC", out, "unmap", "cdb.hpp"},
    {"READ TOC/PMA/ATIP", 0x43, no_action, "MMC", in, "read_toc", "toc.hpp", "parse_toc"},
    {"SANITIZE, OVERWRITE", 0x48, 0x01, "SBC", out, "sanitize", "medium_control.hpp"},
    {"SANITIZE, BLOCK ERASE", 0x48, 0x02, "SBC", none, "sanitize", "medium_control.hpp"},
    {"SANITIZE, CRYPTOGRAPHIC ERASE", 0x48, 0x03, "SBC", none, "sanitize", "medium_control.hpp"},
    {"SANITIZE, EXIT FAILURE MODE", 0x48, 0x1f, "SBC", none, "sanitize", "medium_control.hpp"},
    {"LOG SELECT", 0x4c, no_action, "SPC", out, "log_select", "log_pages.hpp"},
    {"LOG SENSE", 0x4d, no_action, "SPC", in, "log_sense", "log_pages.hpp", "parse_log_page, parse_log_parameters, parse_supported_log_pages"},
    {"XDWRITEREAD (10)", 0x53, no_action, "SBC-3", both, "xdwriteread_10", "block_access.hpp"},
    {"MODE SELECT (10)", 0x55, no_action, "SPC", out, "mode_select_10", "mode_pages.hpp"},
    {"MODE SENSE (10)", 0x5a, no_action, "SPC", in, "mode_sense_10", "mode_pages.hpp", "parse_mode_data_10, parse_mode_sense_10"},
    {"PERSISTENT RESERVE IN, READ KEYS", 0x5e, 0x00, "SPC", in, "persistent_reserve_in", "persistent_reserve_in.hpp", "parse_read_keys"},
    {"PERSISTENT RESERVE IN, READ RESERVATION", 0x5e, 0x01, "SPC", in, "persistent_reserve_in", "persistent_reserve_in.hpp", "parse_read_reservation"},
    {"PERSISTENT RESERVE IN, REPORT CAPABILITIES", 0x5e, 0x02, "SPC", in, "persistent_reserve_in", "persistent_reserve_in.hpp", "parse_report_capabilities"},
    {"PERSISTENT RESERVE IN, READ FULL STATUS", 0x5e, 0x03, "SPC", in, "persistent_reserve_in", "persistent_reserve_in.hpp", "parse_read_full_status, parse_transport_id"},
    {"PERSISTENT RESERVE OUT, REGISTER", 0x5f, 0x00, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, RESERVE", 0x5f, 0x01, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, RELEASE", 0x5f, 0x02, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, CLEAR", 0x5f, 0x03, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, PREEMPT", 0x5f, 0x04, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, PREEMPT AND ABORT", 0x5f, 0x05, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, REGISTER AND IGNORE EXISTING KEY", 0x5f, 0x06, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, REGISTER AND MOVE", 0x5f, 0x07, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"PERSISTENT RESERVE OUT, REPLACE LOST RESERVATION", 0x5f, 0x08, "SPC", out, "persistent_reserve_out", "persistent_reserve_out.hpp"},
    {"XDWRITEREAD (32)", 0x7f, 0x0007, "SBC-3", both, "xdwriteread_32", "cdb_32.hpp"},
    {"READ (32)", 0x7f, 0x0009, "SBC", in, "read_32", "cdb_32.hpp"},
    {"VERIFY (32)", 0x7f, 0x000a, "SBC", out, "verify_32", "cdb_32.hpp"},
    {"WRITE (32)", 0x7f, 0x000b, "SBC", out, "write_32", "cdb_32.hpp"},
    {"WRITE AND VERIFY (32)", 0x7f, 0x000c, "SBC", out, "write_and_verify_32", "cdb_32.hpp"},
    {"WRITE SAME (32)", 0x7f, 0x000d, "SBC", out, "write_same_32", "cdb_32.hpp"},
    {"EXTENDED COPY (LID1)", 0x83, 0x00, "SPC", out, "extended_copy", "extended_copy.hpp"},
    {"RECEIVE COPY RESULTS, COPY STATUS", 0x84, 0x00, "SPC", in, "receive_copy_results", "copy_results.hpp", "parse_copy_status"},
    {"RECEIVE COPY RESULTS, RECEIVE DATA", 0x84, 0x01, "SPC", in, "receive_copy_results", "copy_results.hpp"},
    {"RECEIVE COPY RESULTS, OPERATING PARAMETERS", 0x84, 0x03, "SPC", in, "receive_copy_results", "copy_results.hpp", "parse_operating_parameters"},
    {"RECEIVE COPY RESULTS, FAILED SEGMENT DETAILS", 0x84, 0x04, "SPC", in, "receive_copy_results", "copy_results.hpp", "parse_failed_segment_details"},
    {"READ (16)", 0x88, no_action, "SBC", in, "read_16", "cdb.hpp"},
    {"COMPARE AND WRITE", 0x89, no_action, "SBC", out, "compare_and_write", "block_access.hpp"},
    {"WRITE (16)", 0x8a, no_action, "SBC", out, "write_16", "cdb.hpp"},
    {"ORWRITE (16)", 0x8b, no_action, "SBC", out, "orwrite_16", "block_access.hpp"},
    {"WRITE AND VERIFY (16)", 0x8e, no_action, "SBC", out, "write_and_verify_16", "block_access.hpp"},
    {"VERIFY (16)", 0x8f, no_action, "SBC", out, "verify_16", "block_access.hpp"},
    {"PRE-FETCH (16)", 0x90, no_action, "SBC", none, "pre_fetch_16", "block_access.hpp"},
    {"SYNCHRONIZE CACHE (16)", 0x91, no_action, "SBC", none, "synchronize_cache_16", "cdb.hpp"},
    {"WRITE SAME (16)", 0x93, no_action, "SBC", out, "write_same_16", "block_access.hpp"},
    {"WRITE ATOMIC (16)", 0x9c, no_action, "SBC", out, "write_atomic_16", "block_access.hpp"},
    {"READ CAPACITY (16)", 0x9e, 0x10, "SBC", in, "read_capacity_16", "cdb.hpp", "parse_capacity_16"},
    {"GET LBA STATUS (16)", 0x9e, 0x12, "SBC", in, "get_lba_status", "lba_status.hpp", "parse_lba_status"},
    {"REPORT LUNS", 0xa0, no_action, "SPC", in, "report_luns", "cdb.hpp", "parse_report_luns"},
    {"REPORT TARGET PORT GROUPS", 0xa3, 0x0a, "SPC", in, "report_target_port_groups", "target_port_groups.hpp", "parse_target_port_groups"},
    {"REPORT SUPPORTED OPERATION CODES", 0xa3, 0x0c, "SPC", in, "report_supported_operations, report_supported_operation", "supported_operations.hpp", "parse_supported_operations, parse_supported_operation"},
    {"REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", 0xa3, 0x0d, "SPC", in, "report_supported_task_management", "supported_operations.hpp", "parse_supported_task_management"},
    {"SET TARGET PORT GROUPS", 0xa4, 0x0a, "SPC", out, "set_target_port_groups", "target_port_groups.hpp"},
    {"READ (12)", 0xa8, no_action, "SBC", in, "read_12", "block_access.hpp"},
    {"WRITE (12)", 0xaa, no_action, "SBC", out, "write_12", "block_access.hpp"},
    {"WRITE AND VERIFY (12)", 0xae, no_action, "SBC", out, "write_and_verify_12", "block_access.hpp"},
    {"VERIFY (12)", 0xaf, no_action, "SBC", out, "verify_12", "block_access.hpp"},
    {"READ DEFECT DATA (12)", 0xb7, no_action, "SBC", in, "read_defect_data_12", "defect_data.hpp", "parse_defect_data_12"},
};
// clang-format on

constexpr auto key(const command_row& row) {
    return std::pair(row.operation_code, row.service_action.value_or(0));
}
static_assert(std::is_sorted(std::begin(rows), std::end(rows), [](const auto& a, const auto& b) {
    return key(a) < key(b);
}));

/// Where a CDB of that operation code has its service action, if it has one.
std::uint16_t service_action_of(std::span<const std::byte> cdb) {
    const bool variable_length = byte_at(cdb, 0) == 0x7f;
    return static_cast<std::uint16_t>(variable_length ? number_at<2>(cdb, 8) : byte_at(cdb, 1) & 0x1fU);
}

std::string in_hex(unsigned number, int digits) {
    char text[8];
    std::snprintf(text, sizeof text, "%0*Xh", digits, number);
    return text;
}

}  // namespace

std::string_view to_string(data_flow flow) {
    static constexpr std::string_view names[] = {"none", "in", "out", "both"};
    return names[static_cast<std::size_t>(flow)];
}

std::span<const command_row> commands() {
    return rows;
}

const command_row* find_command(std::span<const std::byte> cdb) {
    if (cdb.empty()) return nullptr;
    const auto action = service_action_of(cdb);
    const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const command_row& one) {
        return one.operation_code == byte_at(cdb, 0) && one.service_action.value_or(action) == action;
    });
    return row == std::end(rows) ? nullptr : row;
}

std::string code_of(const command_row& row) {
    auto text = in_hex(row.operation_code, 2);
    if (row.service_action) text += "/" + in_hex(*row.service_action, row.operation_code == 0x7f ? 4 : 2);
    return text;
}

std::string commands_as_markdown() {
    std::string text = "| command | code | standard | data | built by | reply parsed by |\n|---|---|---|---|---|---|\n";
    for (const auto& row : rows) {
        text.append("| ").append(row.name).append(" | ").append(code_of(row)).append(" | ").append(row.standard);
        text.append(" | ").append(to_string(row.flow)).append(" | `").append(row.builder).append("` in `");
        text.append(row.header).append("` | ").append(row.parser.empty() ? "" : "`").append(row.parser);
        text.append(row.parser.empty() ? "|\n" : "` |\n");
    }
    return text;
}

}  // namespace persiscsi::scsi
