// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fuzz/session_model.hpp"

namespace persiscsi::fuzz {

/// A legal header with wild fields, mostly for tasks that exist.
[[nodiscard]] said wild(input& from, well_meaning_target& target);
/// An Asynchronous Message of any event.
[[nodiscard]] said async(input& from);
/// A Reject of the PDU heard last on this line.
[[nodiscard]] said reject(input& from, const line& on);
/// Makes one field of a PDU wrong.
void bend(input& from, said& one, well_meaning_target& target);
/// Flips a bit that a digest protects; nothing where none does.
void damage(input& from, bytes& wire, pdu::digests used);

}  // namespace persiscsi::fuzz
