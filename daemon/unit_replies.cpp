// SPDX-License-Identifier: Apache-2.0
#include "daemon/unit_replies.hpp"

#include "daemon/api_failure.hpp"
#include "initiator/scsi/lun.hpp"
#include "initiator/scsi/vpd.hpp"

#include <boost/json/array.hpp>

#include <string>

namespace persiscsi::daemon {
namespace json = boost::json;
namespace {

std::string_view association_text(scsi::association names) {
    switch (names) {
        case scsi::association::logical_unit:
            return "logical_unit";
        case scsi::association::target_port:
            return "target_port";
        case scsi::association::target_device:
            return "target_device";
    }
    return "reserved";
}

template <class Parsed>
auto value_of(Parsed parsed) {
    if (parsed.error) throw api_failure(api_errc::io_error, "inquiry: " + parsed.detail);
    return std::move(parsed.value);
}

json::value lun_json(pdu::lun_id lun) {
    const auto text = scsi::format_lun(static_cast<std::uint64_t>(lun));
    return text.starts_with("0x") ? json::value(text) : json::value(std::stoi(text));
}

void add_names(json::object& fields, const std::vector<std::byte>& page) {
    const auto designators = value_of(scsi::parse_device_identification(page));
    json::array all;
    for (const auto& one : designators)
        all.push_back(json::object{{"names", association_text(one.names)}, {"identifier", scsi::to_string(one)}});
    fields["identifiers"] = std::move(all);
    if (const auto name = scsi::logical_unit_name(designators)) fields["name"] = *name;
}

}  // namespace

json::object unit_json(pdu::lun_id lun, const scsi::standard_inquiry* who, const scsi::capacity* size) {
    return {{"lun", lun_json(lun)},
            {"size", size != nullptr ? json::value(size->bytes()) : json::value()},
            {"block_size", size != nullptr ? json::value(size->block_size) : json::value()},
            {"vendor", who != nullptr ? json::value(who->vendor) : json::value()},
            {"product", who != nullptr ? json::value(who->product) : json::value()}};
}

json::object capacity_json(const scsi::capacity& size) {
    const auto exponent = size.blocks_per_physical_block_exponent & 15U;
    return {{"blocks", size.blocks},
            {"block_size", size.block_size},
            {"size", size.bytes()},
            {"physical_block_size", std::uint64_t{size.block_size} << exponent},
            {"lowest_aligned_lba", size.lowest_aligned_lba},
            {"protection_type", size.protection_type},
            {"provisioned", size.provisioned},
            {"unmapped_reads_zeroes", size.unmapped_reads_zeroes}};
}

json::object inquiry_json(const scsi::standard_inquiry& who,
                          const std::optional<std::vector<std::byte>>& serial,
                          const std::optional<std::vector<std::byte>>& names) {
    json::object fields{{"vendor", who.vendor},
                        {"product", who.product},
                        {"revision", who.revision},
                        {"serial", nullptr},
                        {"name", nullptr},
                        {"identifiers", nullptr},
                        {"peripheral_qualifier", static_cast<unsigned>(who.qualifier)},
                        {"device_type", static_cast<unsigned>(who.type)},
                        {"removable", who.removable},
                        {"spc_version", who.version}};
    if (serial) fields["serial"] = value_of(scsi::parse_unit_serial_number(*serial));
    if (names) add_names(fields, *names);
    return fields;
}

}  // namespace persiscsi::daemon
