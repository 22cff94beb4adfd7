// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/status.hpp"

#include <cstdio>

namespace persiscsi::scsi {

std::string to_string(status value) {
    switch (value) {
        case status::good:
            return "GOOD";
        case status::check_condition:
            return "CHECK CONDITION";
        case status::condition_met:
            return "CONDITION MET";
        case status::busy:
            return "BUSY";
        case status::reservation_conflict:
            return "RESERVATION CONFLICT";
        case status::task_set_full:
            return "TASK SET FULL";
        case status::aca_active:
            return "ACA ACTIVE";
        case status::task_aborted:
            return "TASK ABORTED";
    }
    char text[16];
    std::snprintf(text, sizeof text, "status %02xh", static_cast<unsigned>(value));
    return text;
}

}  // namespace persiscsi::scsi
