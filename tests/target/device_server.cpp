// SPDX-License-Identifier: Apache-2.0
#include "tests/target/device_server.hpp"

#include "pdu/endian.hpp"
#include "tests/target/inquiry_pages.hpp"

#include <algorithm>
#include <stdexcept>

namespace persiscsi::target {
namespace {

constexpr std::byte op_request_sense{0x03}, op_inquiry{0x12}, op_report_luns{0xa0};

command_plan request_sense(std::span<const std::byte> cdb, const scsi_outcome& outcome) {
    const auto sense = fixed_sense(outcome);
    return answers({sense.begin(), sense.end()}, pdu::load_be<1>(cdb.data() + 4));
}

}  // namespace

std::optional<std::uint64_t> lun_number(pdu::lun_id lun) {
    const auto value = static_cast<std::uint64_t>(lun);
    const auto first = value >> 48U;
    const auto method = first >> 14U;
    if ((value & 0xffffffffffffU) != 0 || method > 1) return std::nullopt;
    if (method == 0 && first > 0xff) return std::nullopt;
    return first & 0x3fffU;
}

pdu::lun_id lun_of(std::uint64_t number) {
    return static_cast<pdu::lun_id>((number < 256 ? number : number | 0x4000U) << 48U);
}

device_server::device_server(const target_options& options, std::uint16_t portal_group_tag, ram_store& store)
    : options_(options) {
    for (const auto& lun : options.luns) {
        if (find(lun_of(lun.lun)))
            throw std::invalid_argument(options.name + ": LUN " + std::to_string(lun.lun) + " twice");
        units_.emplace_back(lun, options, portal_group_tag, store);
    }
}

command_plan device_server::plan(pdu::lun_id lun, const command_request& request, pending_attentions& attentions) {
    const auto cdb = request.cdb;
    auto* unit = find(lun);
    if (cdb[0] == op_report_luns) return report_luns(cdb);
    if (!unit) {
        if (cdb[0] == op_inquiry) return inquiry_of_absent_unit(cdb);
        return cdb[0] == op_request_sense ? request_sense(cdb, sense::lun_not_supported)
                                          : fails(sense::lun_not_supported);
    }
    if (cdb[0] == op_inquiry) return unit->plan(request);
    std::optional<scsi_outcome> told;
    if (const auto waiting = attentions.extract(unit->number())) told = waiting.mapped();
    if (!told) told = unit->take_attention(request.nexus);
    if (cdb[0] == op_request_sense) return request_sense(cdb, told.value_or(sense::good));
    return told ? fails(*told) : unit->plan(request);
}

void device_server::nexus_lost(const std::string& nexus) {
    for (auto& unit : units_) unit.nexus_lost(nexus);
}

void device_server::reset(std::optional<pdu::lun_id> lun) {
    for (auto& unit : units_)
        if (!lun || unit.number() == lun_number(*lun)) unit.reset();
}

const logical_unit* device_server::find(pdu::lun_id lun) const {
    const auto number = lun_number(lun);
    const auto found = std::find_if(
        units_.begin(), units_.end(), [&](const auto& unit) { return number && unit.number() == *number; });
    return found == units_.end() ? nullptr : &*found;
}

logical_unit* device_server::find(pdu::lun_id lun) {
    return const_cast<logical_unit*>(static_cast<const device_server&>(*this).find(lun));
}

pending_attentions device_server::attention_for_all(scsi_outcome outcome) const {
    pending_attentions result;
    for (const auto& unit : units_) result.emplace(unit.number(), outcome);
    return result;
}

command_plan device_server::report_luns(std::span<const std::byte> cdb) const {
    const auto select = std::to_integer<unsigned>(cdb[2]);
    const auto allocation_length = pdu::load_be<4>(cdb.data() + 6);
    if (select > 2 || allocation_length < 16) return fails(sense::invalid_field_in_cdb);
    const bool well_known_only = select == 1;  // we have none
    std::vector<std::byte> data(8 + (well_known_only ? 0 : units_.size() * 8));
    pdu::store_be<4>(data.data(), data.size() - 8);
    for (std::size_t i = 0; i < units_.size() && !well_known_only; ++i)
        pdu::store_be<8>(data.data() + 8 + i * 8, static_cast<std::uint64_t>(lun_of(units_[i].number())));
    return answers(std::move(data), allocation_length);
}

}  // namespace persiscsi::target
