// SPDX-License-Identifier: Apache-2.0
#include "cli/unit_json.hpp"

#include "initiator/scsi/lun.hpp"

#include <boost/json/array.hpp>

namespace persiscsi::cli {
namespace {

namespace json = boost::json;

std::string_view name_of(scsi::association names) {
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

json::value identifiers(const std::vector<scsi::designator>& designators) {
    json::array list;
    for (const auto& one : designators)
        list.push_back(json::object{{"names", json::string_view(name_of(one.names).data(), name_of(one.names).size())},
                                    {"identifier", scsi::to_string(one)}});
    return list;
}

json::value or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value();
}

}  // namespace

json::value lun_to_json(pdu::lun_id lun) {
    const auto text = scsi::format_lun(static_cast<std::uint64_t>(lun));
    if (text.starts_with("0x")) return json::value(text);
    return std::stoi(text);
}

json::object capacity_to_json(const scsi::capacity& capacity) {
    return {{"blocks", capacity.blocks},
            {"block_size", capacity.block_size},
            {"size", capacity.bytes()},
            {"physical_block_size",
             static_cast<std::uint64_t>(capacity.block_size) << (capacity.blocks_per_physical_block_exponent & 15U)},
            {"lowest_aligned_lba", capacity.lowest_aligned_lba},
            {"protection_type", capacity.protection_type},
            {"provisioned", capacity.provisioned},
            {"unmapped_reads_zeroes", capacity.unmapped_reads_zeroes}};
}

json::object inquiry_to_json(const scsi::standard_inquiry& inquiry,
                             const std::optional<std::string>& serial,
                             const std::optional<std::vector<scsi::designator>>& designators) {
    return {{"vendor", inquiry.vendor},
            {"product", inquiry.product},
            {"revision", inquiry.revision},
            {"serial", or_null(serial)},
            {"name", or_null(designators ? scsi::logical_unit_name(*designators) : std::nullopt)},
            {"identifiers", designators ? identifiers(*designators) : json::value()},
            {"peripheral_qualifier", static_cast<unsigned>(inquiry.qualifier)},
            {"device_type", static_cast<unsigned>(inquiry.type)},
            {"removable", inquiry.removable},
            {"spc_version", inquiry.version}};
}

}  // namespace persiscsi::cli
