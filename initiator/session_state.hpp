// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace persiscsi {

/// Where a session stands (RFC 7143 §8.1 and §8.3 have the states of the wire; these are what a user sees).
enum class session_state {
    idle,          ///< not logged in, and nobody asked for it
    connecting,    ///< first login under way
    logged_in,     ///< Full Feature Phase
    reconnecting,  ///< was logged in, is being rebuilt
    logging_out,
    failed,  ///< given up; `session::last_failure` says why
};
[[nodiscard]] std::string_view to_string(session_state state);

}  // namespace persiscsi
