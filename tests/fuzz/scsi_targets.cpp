// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/capacity.hpp"
#include "initiator/scsi/inquiry.hpp"
#include "initiator/scsi/mode_sense.hpp"
#include "initiator/scsi/report_luns.hpp"
#include "initiator/scsi/sense.hpp"
#include "initiator/scsi/vpd.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

/// What every parser of the room promises: a value or an error, and the error in one line.
template <class Value>
void check(const scsi::parsed<Value>& parsed) {
    must(static_cast<bool>(parsed.error) != parsed.detail.empty(), "an error has a detail, a value has none");
    must(printable(parsed.detail) && parsed.detail.size() < 300, "a detail is one line");
}

void check_designators(std::span<const std::byte> reply) {
    const auto parsed = scsi::parse_device_identification(reply);
    check(parsed);
    std::size_t named = 0;
    for (const auto& one : parsed.value) {
        named += 4 + one.bytes.size();
        const auto text = scsi::to_string(one);
        must(printable(text) && text.size() <= 10 + 2 * one.bytes.size(), "a name can be shown");
    }
    must(named <= reply.size(), "no more names than were given");
    if (const auto name = scsi::logical_unit_name(parsed.value)) must(printable(*name), "a name can be shown");
}

}  // namespace

void scsi_sense(input from) {
    for (const auto& sense : {scsi::parse_sense(from.rest()), scsi::parse_response_sense(from.rest())}) {
        if (!sense) continue;
        must(static_cast<unsigned>(sense->key) <= 0xf, "a sense key has four bits");
        const auto line = scsi::describe(*sense);
        must(printable(line) && line.size() < 160, "sense fits a line");
    }
}

void scsi_inquiry(input from) {
    const auto parsed = scsi::parse_inquiry(from.rest());
    check(parsed);
    must(parsed.value.vendor.size() <= 8 && parsed.value.product.size() <= 16 && parsed.value.revision.size() <= 4,
         "fields keep to their widths");
    must(printable(parsed.value.vendor + parsed.value.product + parsed.value.revision), "fields can be shown");
}

void scsi_vpd(input from) {
    const auto reply = from.rest();
    const auto pages = scsi::parse_supported_pages(reply);
    check(pages);
    must(pages.value.size() <= reply.size(), "no more pages than bytes");
    const auto serial = scsi::parse_unit_serial_number(reply);
    check(serial);
    must(serial.value.size() <= reply.size() && printable(serial.value), "a serial number can be shown");
    check(scsi::parse_block_limits(reply));
    check(scsi::parse_block_provisioning(reply));
    check_designators(reply);
}

void scsi_capacity(input from) {
    for (const auto& parsed : {scsi::parse_capacity_10(from.rest()), scsi::parse_capacity_16(from.rest())}) {
        check(parsed);
        if (parsed.error) continue;
        must(parsed.value.block_size > 0 && parsed.value.block_size <= scsi::max_block_size, "a block has a size");
        must(parsed.value.blocks <= INT64_MAX / parsed.value.block_size, "a medium's size fits 63 bits");
        must(parsed.value.protection_type <= 8, "protection has four types at most");
    }
}

void scsi_report_luns(input from) {
    const auto parsed = scsi::parse_report_luns(from.rest());
    check(parsed);
    must(parsed.value.luns.size() * 8 <= from.rest().size(), "no more LUNs than bytes");
    must(parsed.error || parsed.value.whole_size >= parsed.value.luns.size() * 8, "the whole list has them all");
}

void scsi_mode_sense(input from) {
    check(scsi::parse_mode_sense_6(from.rest()));
    check(scsi::parse_mode_sense_10(from.rest()));
}

}  // namespace persiscsi::fuzz
