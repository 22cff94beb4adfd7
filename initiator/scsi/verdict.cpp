// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/verdict.hpp"

#include "initiator/scsi/errors.hpp"

#include <algorithm>
#include <iterator>

namespace persiscsi::scsi {
namespace {

constexpr std::uint8_t test_unit_ready = 0x00;
constexpr int any = -1;

/// The first row that fits the sense data holds.
struct sense_row {
    sense_key key;
    int asc;   ///< or any
    int ascq;  ///< or any
    verdict what_next;
};

using enum sense_key;
using enum verdict;

constexpr sense_row sense_rows[] = {
    {unit_attention, 0x28, any, report},  // another medium: to repeat a write could hit the wrong one
    {unit_attention, any, any, again_at_once},

    {not_ready, 0x04, 0x01, again_later},  // becoming ready
    {not_ready, 0x04, 0x07, again_later},  // operation in progress
    {not_ready, 0x04, 0x0a, again_later},  // asymmetric access state transition
    {not_ready, 0x04, 0x14, again_later},  // space allocation in progress
    {not_ready, 0x04, 0x1a, again_later},  // START STOP UNIT in progress
    {not_ready, 0x04, 0x1d, again_later},  // configuration in progress

    {aborted_command, 0x10, any, report},  // protection information: the data are wrong and stay so
    {aborted_command, 0x4e, any, report},  // overlapped commands
    {aborted_command, any, any, again_at_once},
};

bool fits(const sense_row& row, const sense_data& sense) {
    return row.key == sense.key && (row.asc == any || row.asc == sense.asc) &&
           (row.ascq == any || row.ascq == sense.ascq);
}

verdict after_check_condition(const sense_data& sense, std::uint8_t operation_code) {
    if (sense.deferred) return report;  // what was acknowledged earlier is lost
    if (sense.key == not_ready && operation_code == test_unit_ready) return report;
    const auto* row =
        std::find_if(std::begin(sense_rows), std::end(sense_rows), [&](const auto& one) { return fits(one, sense); });
    return row == std::end(sense_rows) ? report : row->what_next;
}

}  // namespace

verdict after(status ended_with, const std::optional<sense_data>& sense, std::uint8_t operation_code) {
    if (!to_error(ended_with, sense)) return done;
    switch (ended_with) {
        case status::busy:
        case status::task_set_full:
        case status::task_aborted:
            return again_later;
        case status::check_condition:
            return sense ? after_check_condition(*sense, operation_code) : report;
        default:
            return report;
    }
}

}  // namespace persiscsi::scsi
