// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace persiscsi {

/// Unpredictable bytes from OpenSSL; throws std::runtime_error where it has none. Any thread.
void system_random(std::span<std::byte> into);

}  // namespace persiscsi
