// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/additional_sense.hpp"

#include <algorithm>
#include <iterator>

namespace persiscsi::scsi {
namespace {

struct additional_sense_row {
    std::uint16_t code;  ///< ASC in the high byte, ASCQ in the low one
    std::string_view text;
};

/// What disks and the targets before them report; sorted by code.
constexpr additional_sense_row rows[] = {
    {0x0000, "no additional sense information"},
    {0x0400, "logical unit not ready, cause not reportable"},
    {0x0401, "logical unit is in process of becoming ready"},
    {0x0402, "logical unit not ready, initializing command required"},
    {0x0403, "logical unit not ready, manual intervention required"},
    {0x0404, "logical unit not ready, format in progress"},
    {0x0407, "logical unit not ready, operation in progress"},
    {0x0409, "logical unit not ready, self-test in progress"},
    {0x040a, "logical unit not accessible, asymmetric access state transition"},
    {0x040b, "logical unit not accessible, target port in standby state"},
    {0x040c, "logical unit not accessible, target port in unavailable state"},
    {0x0500, "logical unit does not respond to selection"},
    {0x0800, "logical unit communication failure"},
    {0x0801, "logical unit communication time-out"},
    {0x0b00, "warning"},
    {0x0b01, "warning, specified temperature exceeded"},
    {0x0c00, "write error"},
    {0x0c02, "write error, auto reallocation failed"},
    {0x0c0c, "write error, unexpected unsolicited data"},
    {0x0c0d, "write error, not enough unsolicited data"},
    {0x0e03, "invalid field in command information unit"},
    {0x1000, "id crc or ecc error"},
    {0x1001, "logical block guard check failed"},
    {0x1002, "logical block application tag check failed"},
    {0x1003, "logical block reference tag check failed"},
    {0x1100, "unrecovered read error"},
    {0x1101, "read retries exhausted"},
    {0x1104, "unrecovered read error, auto reallocate failed"},
    {0x1113, "read error, failed retransmission request"},
    {0x1400, "recorded entity not found"},
    {0x1401, "record not found"},
    {0x1500, "random positioning error"},
    {0x1700, "recovered data with no error correction applied"},
    {0x1800, "recovered data with error correction applied"},
    {0x1900, "defect list error"},
    {0x1a00, "parameter list length error"},
    {0x1d00, "miscompare during verify operation"},
    {0x2000, "invalid command operation code"},
    {0x2002, "access denied, no access rights"},
    {0x2100, "logical block address out of range"},
    {0x2101, "invalid element address"},
    {0x2200, "illegal function"},
    {0x2400, "invalid field in cdb"},
    {0x2500, "logical unit not supported"},
    {0x2600, "invalid field in parameter list"},
    {0x2601, "parameter not supported"},
    {0x2602, "parameter value invalid"},
    {0x2700, "write protected"},
    {0x2701, "hardware write protected"},
    {0x2702, "logical unit software write protected"},
    {0x2704, "persistent write protect"},
    {0x2705, "permanent write protect"},
    {0x2706, "conditional write protect"},
    {0x2707, "space allocation failed write protect"},
    {0x2800, "not ready to ready change, medium may have changed"},
    {0x2900, "power on, reset, or bus device reset occurred"},
    {0x2901, "power on occurred"},
    {0x2902, "scsi bus reset occurred"},
    {0x2903, "bus device reset function occurred"},
    {0x2904, "device internal reset"},
    {0x2907, "i_t nexus loss occurred"},
    {0x2a00, "parameters changed"},
    {0x2a01, "mode parameters changed"},
    {0x2a03, "reservations preempted"},
    {0x2a04, "reservations released"},
    {0x2a05, "registrations preempted"},
    {0x2a06, "asymmetric access state changed"},
    {0x2a09, "capacity data has changed"},
    {0x2c00, "command sequence error"},
    {0x2f00, "commands cleared by another initiator"},
    {0x3000, "incompatible medium installed"},
    {0x3100, "medium format corrupted"},
    {0x3200, "no defect spare location available"},
    {0x3807, "thin provisioning soft threshold reached"},
    {0x3900, "saving parameters not supported"},
    {0x3a00, "medium not present"},
    {0x3e00, "logical unit has not self-configured yet"},
    {0x3e01, "logical unit failure"},
    {0x3e02, "timeout on logical unit"},
    {0x3f00, "target operating conditions have changed"},
    {0x3f01, "microcode has been changed"},
    {0x3f03, "inquiry data has changed"},
    {0x3f0e, "reported luns data has changed"},
    {0x4400, "internal target failure"},
    {0x4700, "scsi parity error"},
    {0x4705, "protocol service crc error"},
    {0x4800, "initiator detected error message received"},
    {0x4900, "invalid message error"},
    {0x4b00, "data phase error"},
    {0x4e00, "overlapped commands attempted"},
    {0x5302, "medium removal prevented"},
    {0x5503, "insufficient resources"},
    {0x5504, "insufficient registration resources"},
    {0x5d00, "failure prediction threshold exceeded"},
};

static_assert(std::is_sorted(std::begin(rows), std::end(rows), [](const auto& a, const auto& b) {
    return a.code < b.code;
}));

}  // namespace

std::string_view additional_sense_text(std::uint8_t asc, std::uint8_t ascq) {
    const auto code = static_cast<std::uint16_t>(asc << 8U | ascq);
    const auto* row = std::lower_bound(
        std::begin(rows), std::end(rows), code, [](const auto& one, auto value) { return one.code < value; });
    return row != std::end(rows) && row->code == code ? row->text : std::string_view{};
}

}  // namespace persiscsi::scsi
