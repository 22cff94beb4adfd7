// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/errors.hpp"

namespace persiscsi {

const table_category& scsi_category() {
    static const error_category_of<scsi_errc, std::size(scsi_errors)> category("scsi", scsi_errors);
    return category;
}

namespace scsi {
namespace {

/// SPC, additional sense codes that say more than the sense key beside them.
namespace asc {
constexpr std::uint8_t invalid_operation_code = 0x20;
constexpr std::uint8_t lba_out_of_range = 0x21;
constexpr std::uint8_t invalid_field_in_cdb = 0x24;
constexpr std::uint8_t lun_not_supported = 0x25;
constexpr std::uint8_t invalid_field_in_parameter_list = 0x26;
constexpr std::uint8_t write_protected = 0x27;
constexpr std::uint8_t medium_not_present = 0x3a;
}  // namespace asc

scsi_errc illegal_request(const sense_data& sense) {
    switch (sense.asc) {
        case asc::invalid_operation_code:
            return sense.ascq == 0 ? scsi_errc::invalid_command : scsi_errc::illegal_request;
        case asc::lba_out_of_range:
            return sense.ascq == 0 ? scsi_errc::lba_out_of_range : scsi_errc::illegal_request;
        case asc::lun_not_supported:
            return scsi_errc::lun_not_supported;
        case asc::invalid_field_in_cdb:
        case asc::invalid_field_in_parameter_list:
            return scsi_errc::invalid_field;
        default:
            return scsi_errc::illegal_request;
    }
}

scsi_errc data_protect(const sense_data& sense) {
    const bool space_allocation_failed = sense.asc == asc::write_protected && sense.ascq == 0x07;
    return space_allocation_failed ? scsi_errc::out_of_space : scsi_errc::data_protect;
}

std::error_code from_sense(const sense_data& sense) {
    if (sense.deferred) return scsi_errc::deferred_error;
    switch (sense.key) {
        case sense_key::recovered_error:
            return {};
        case sense_key::not_ready:
            return sense.asc == asc::medium_not_present ? scsi_errc::medium_not_present : scsi_errc::not_ready;
        case sense_key::medium_error:
            return scsi_errc::medium_error;
        case sense_key::hardware_error:
            return scsi_errc::hardware_error;
        case sense_key::illegal_request:
            return illegal_request(sense);
        case sense_key::unit_attention:
            return scsi_errc::unit_attention;
        case sense_key::data_protect:
            return data_protect(sense);
        case sense_key::aborted_command:
            return scsi_errc::aborted_command;
        case sense_key::miscompare:
            return scsi_errc::miscompare;
        default:
            return scsi_errc::check_condition;
    }
}

}  // namespace

std::error_code to_error(status ended_with, const std::optional<sense_data>& sense) {
    switch (ended_with) {
        case status::good:
        case status::condition_met:
            return {};
        case status::check_condition:
            return sense ? from_sense(*sense) : scsi_errc::check_condition;
        case status::busy:
            return scsi_errc::busy;
        case status::reservation_conflict:
            return scsi_errc::reservation_conflict;
        case status::task_set_full:
            return scsi_errc::task_set_full;
        case status::aca_active:
            return scsi_errc::aca_active;
        case status::task_aborted:
            return scsi_errc::task_aborted;
    }
    return scsi_errc::unexpected_status;
}

}  // namespace scsi
}  // namespace persiscsi
