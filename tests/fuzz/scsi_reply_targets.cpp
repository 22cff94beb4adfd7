// SPDX-License-Identifier: Apache-2.0
// The replies of the less common SCSI commands. The first byte chooses the parser.
#include "initiator/scsi/copy_results.hpp"
#include "initiator/scsi/defect_data.hpp"
#include "initiator/scsi/diagnostic.hpp"
#include "initiator/scsi/lba_status.hpp"
#include "initiator/scsi/log_pages.hpp"
#include "initiator/scsi/mode_pages.hpp"
#include "initiator/scsi/persistent_reserve_in.hpp"
#include "initiator/scsi/supported_operations.hpp"
#include "initiator/scsi/target_port_groups.hpp"
#include "initiator/scsi/toc.hpp"
#include "initiator/scsi/transport_id.hpp"
#include "initiator/scsi/vpd_more.hpp"
#include "tests/fuzz/seed.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

/// A value and no error, or an error in one line and nothing else. What is the same comes of the same bytes.
template <auto Parse>
void reply(std::span<const std::byte> from) {
    const auto parsed = Parse(from);
    must(static_cast<bool>(parsed.error) != parsed.detail.empty(), "an error has a detail, a value has none");
    must(printable(parsed.detail) && parsed.detail.size() < 300, "a detail is one line");
    must(!parsed.error || parsed.value == decltype(parsed.value){}, "an error has no value");
}

/// What was parsed is encoded to what parses to it.
void transport_id(std::span<const std::byte> from) {
    reply<scsi::parse_transport_id>(from);
    const auto parsed = scsi::parse_transport_id(from);
    if (parsed.error || parsed.value.name.size() > 223) return;
    must(scsi::parse_transport_id(scsi::encode_transport_id(parsed.value)).value == parsed.value,
         "a TransportID comes back");
}

constexpr void (*parsers[])(std::span<const std::byte>) = {
    reply<scsi::parse_lba_status>,
    reply<scsi::parse_defect_data_10>,
    reply<scsi::parse_defect_data_12>,
    reply<scsi::parse_log_page>,
    reply<scsi::parse_log_parameters>,
    reply<scsi::parse_supported_log_pages>,
    reply<scsi::parse_mode_data_6>,
    reply<scsi::parse_mode_data_10>,
    reply<scsi::parse_read_keys>,
    reply<scsi::parse_read_reservation>,
    reply<scsi::parse_report_capabilities>,
    reply<scsi::parse_read_full_status>,
    transport_id,
    reply<scsi::parse_target_port_groups>,
    reply<scsi::parse_supported_operations>,
    reply<scsi::parse_supported_operation>,
    reply<scsi::parse_supported_task_management>,
    reply<scsi::parse_copy_status>,
    reply<scsi::parse_operating_parameters>,
    reply<scsi::parse_failed_segment_details>,
    reply<scsi::parse_diagnostic_page>,
    reply<scsi::parse_buffer_descriptor>,
    reply<scsi::parse_echo_buffer_descriptor>,
    reply<scsi::parse_toc>,
    reply<scsi::parse_extended_inquiry>,
    reply<scsi::parse_mode_page_policy>,
    reply<scsi::parse_scsi_ports>,
    reply<scsi::parse_block_device_characteristics>,
};

}  // namespace

void scsi_replies(input from) {
    const auto which = from.below(std::size(parsers));
    parsers[which](from.rest());
}

/// For each parser a reply of zeroes, one of small lengths and a list that holds its own kind.
std::vector<bytes> scsi_reply_seeds() {
    std::vector<bytes> seeds;
    for (std::size_t which = 0; which < std::size(parsers); ++which) {
        seeds.push_back(seed().number(which).zeros(64));
        seeds.push_back(seed().number(which).number(0x10, 4).number(0x08, 4).number(1, 8).number(8, 4).zeros(16));
        seeds.push_back(
            seed().number(which).number(0x45).number(0).number(24, 2).text("iqn.a,i,0x800000001234").zeros(2));
    }
    return seeds;
}

}  // namespace persiscsi::fuzz
