// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/medium_control.hpp"

#include "initiator/scsi/cdb_fields.hpp"

#include <algorithm>

namespace persiscsi::scsi {

cdb start_stop_unit(const start_stop& what) {
    assert(what.power_modifier < 16);
    auto made = make_cdb(0x1b, 6);
    set_if(what.immediate, made, 0);
    put<3, 1>(made, what.power_modifier);
    put<4, 1>(made,
              static_cast<unsigned>(what.power) << 4U | (what.no_flush ? 0x04U : 0U) |
                  (what.load_or_eject ? 0x02U : 0U) | (what.start ? 0x01U : 0U));
    return made;
}

cdb prevent_allow_medium_removal(bool prevent) {
    auto made = make_cdb(0x1e, 6);
    put<4, 1>(made, prevent ? 1 : 0);
    return made;
}

cdb sanitize(sanitize_action action, std::uint16_t parameter_list_length, sanitize_options how) {
    auto made = make_cdb(0x48, 10, static_cast<std::uint8_t>(action));
    set_if(how.immediate, made, 7);
    set_if(how.zoned_no_reset, made, 6);
    set_if(how.unrestricted_exit, made, 5);
    put<7, 2>(made, parameter_list_length);
    return made;
}

std::vector<std::byte> sanitize_overwrite_list(std::uint8_t passes, std::span<const std::byte> pattern, bool invert) {
    assert(passes >= 1 && passes <= 31 && !pattern.empty() && pattern.size() <= 0xffff);
    std::vector<std::byte> list(4 + pattern.size());
    pdu::store_be<1>(list.data(), (invert ? 0x80U : 0U) | passes);
    pdu::store_be<2>(list.data() + 2, pattern.size());
    std::copy(pattern.begin(), pattern.end(), list.begin() + 4);
    return list;
}

cdb format_unit(format_options how) {
    assert(how.protection_information < 4 && how.defect_list_format < 8);
    auto made = make_cdb(0x04, 6);
    put<1, 1>(made, static_cast<unsigned>(how.protection_information) << 6U | how.defect_list_format);
    set_if(how.long_list, made, 5);
    set_if(how.with_parameters, made, 4);
    set_if(how.complete_list, made, 3);
    return made;
}

std::vector<std::byte> format_parameter_list(const format_parameters& what, bool long_list) {
    assert(what.protection_field_usage < 8 && what.protection_interval_exponent < 16);
    std::vector<std::byte> list(long_list ? 8 : 4);
    pdu::store_be<1>(list.data(), what.protection_field_usage);
    pdu::store_be<1>(list.data() + 1, what.immediate ? 0x02 : 0x00);
    if (long_list) pdu::store_be<1>(list.data() + 3, what.protection_interval_exponent);
    return list;
}

}  // namespace persiscsi::scsi
