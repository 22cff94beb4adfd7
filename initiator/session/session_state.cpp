// SPDX-License-Identifier: Apache-2.0
#include "initiator/session_state.hpp"

namespace persiscsi {

std::string_view to_string(session_state state) {
    switch (state) {
        case session_state::idle:
            return "idle";
        case session_state::connecting:
            return "connecting";
        case session_state::logged_in:
            return "logged_in";
        case session_state::reconnecting:
            return "reconnecting";
        case session_state::logging_out:
            return "logging_out";
        case session_state::failed:
            return "failed";
    }
    return "unknown";
}

}  // namespace persiscsi
